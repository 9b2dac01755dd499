// The second step: Event Grid refuses a subscription whose function is not there yet, so the code comes first.

targetScope = 'resourceGroup'

@description('Prefix of every name, as in main.bicep.')
@minLength(3)
@maxLength(20)
param name string = 'policy-mirror'

@description('What is listened to: the id of the hub\'s resource group, or of its subscription.')
param sourceId string

@description('The system topic that this source has already, if it has one: Azure allows only one for each.')
param existingTopicId string = ''

@description('Principal id of that topic\'s identity; the topic must have one to write dead letters.')
param existingTopicPrincipalId string = ''

param appName string

param storageName string

param deadLetterContainer string

param actionGroupIds string[] = []

var reuse = !empty(existingTopicId)
var ofGroup = contains(toLower(sourceId), '/resourcegroups/')

// A topic lies beside its source: in the resource group it listens to, or here if that is a subscription.
var topicSubscription = reuse ? split(existingTopicId, '/')[2] : split(sourceId, '/')[2]
var topicGroup = reuse ? split(existingTopicId, '/')[4] : ofGroup ? split(sourceId, '/')[4] : resourceGroup().name
var topicName = reuse ? split(existingTopicId, '/')[8] : '${name}-topic'

resource site 'Microsoft.Web/sites@2024-11-01' existing = {
  name: appName
}

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

module topic 'modules/topic.bicep' = if (!reuse) {
  name: '${name}-topic'
  scope: resourceGroup(topicSubscription, topicGroup)
  params: {
    name: topicName
    sourceId: sourceId
    topicType: ofGroup ? 'Microsoft.Resources.ResourceGroups' : 'Microsoft.Resources.Subscriptions'
  }
}

module deadLetters 'modules/dead-letter-access.bicep' = {
  name: '${name}-dead-letters'
  params: {
    storageName: storageName
    container: deadLetterContainer
    topicPrincipalId: reuse ? existingTopicPrincipalId : topic!.outputs.principalId
  }
}

module subscription 'modules/subscription.bicep' = {
  name: '${name}-subscription'
  scope: resourceGroup(topicSubscription, topicGroup)
  params: {
    name: name
    topicName: topicName
    functionId: '${site.id}/functions/on_policy_event'
    storageId: account.id
    deadLetterContainer: deadLetterContainer
    actionGroupIds: actionGroupIds
  }
  dependsOn: [topic, deadLetters]
}
