// Where the function tells people what is new: conflicts, holds, freezes, approvals. Subscribe to it.

param name string

param location string

param appPrincipalId string

var eventGridDataSender = 'd5a91429-5739-47e2-a06b-3470a27159e7'

resource topic 'Microsoft.EventGrid/topics@2025-02-15' = {
  name: '${name}-notices-${uniqueString(resourceGroup().id, name)}'
  location: location
  properties: {
    disableLocalAuth: true
    inputSchema: 'EventGridSchema'
    minimumTlsVersionAllowed: '1.2'
  }
}

resource send 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: topic
  name: guid(topic.id, appPrincipalId, eventGridDataSender)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', eventGridDataSender)
  }
}

output channel string = 'eventgrid:${topic.properties.endpoint}'
