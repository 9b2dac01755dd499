// What the two identities may do on one IoT hub, and nothing on its devices or keys; and who may read its log.

@description('Whose roles these are: role names are unique in a tenant.')
param owner string

param ownerId string

param hubName string

param appPrincipalId string

param lambdaPrincipalId string

var group = resourceGroup().id

resource hub 'Microsoft.Devices/IotHubs@2023-06-30' existing = {
  name: hubName
}

// The Lambda writes Azure.
resource writer 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(group, ownerId, 'writer')
  properties: {
    roleName: 'Device security group writer (${owner}, ${resourceGroup().name})'
    description: 'Reads, writes and deletes the device security groups of an IoT hub.'
    type: 'CustomRole'
    permissions: [
      {
        actions: [
          'Microsoft.Security/deviceSecurityGroups/read'
          'Microsoft.Security/deviceSecurityGroups/write'
          'Microsoft.Security/deviceSecurityGroups/delete'
        ]
      }
    ]
    assignableScopes: [group]
  }
}

// The function app writes AWS; here it only looks.
resource reader 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(group, ownerId, 'reader')
  properties: {
    roleName: 'Device security group reader (${owner}, ${resourceGroup().name})'
    description: 'Reads the device security groups of an IoT hub.'
    type: 'CustomRole'
    permissions: [
      {
        actions: ['Microsoft.Security/deviceSecurityGroups/read']
      }
    ]
    assignableScopes: [group]
  }
}

// Its sweep reads who wrote the groups. The Activity Log is asked for this resource group, so the right is too;
// that a right on the group is enough is not documented (read 2026-11). If Azure refuses: on the subscription.
resource auditor 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(group, ownerId, 'auditor')
  properties: {
    roleName: 'Activity Log reader (${owner}, ${resourceGroup().name})'
    description: 'Reads the Activity Log, and nothing else.'
    type: 'CustomRole'
    permissions: [
      {
        actions: ['Microsoft.Insights/eventtypes/values/Read']
      }
    ]
    assignableScopes: [group]
  }
}

resource lambdaWrites 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: hub
  name: guid(hub.id, lambdaPrincipalId, writer.name)
  properties: {
    principalId: lambdaPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', writer.name)
  }
}

resource appReads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: hub
  name: guid(hub.id, appPrincipalId, reader.name)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', reader.name)
  }
}

resource appAudits 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(group, appPrincipalId, auditor.name)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', auditor.name)
  }
}
