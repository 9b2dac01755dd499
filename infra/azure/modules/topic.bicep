// A new system topic: what happens to resources of one resource group or subscription.

param name string

param sourceId string

@allowed(['Microsoft.Resources.ResourceGroups', 'Microsoft.Resources.Subscriptions'])
param topicType string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: 'global'
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    source: sourceId
    topicType: topicType
  }
}

output principalId string = topic.identity.principalId
