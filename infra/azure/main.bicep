// Everything on Azure but the event subscription, which needs the function's code to be there (events.bicep).
// deploy.sh runs the three steps in order. Nothing here is a secret, and nothing here makes one.

targetScope = 'resourceGroup'

@description('Prefix of every name.')
@minLength(3)
@maxLength(20)
param name string = 'policy-mirror'

param location string = resourceGroup().location

@description('Resource ids of the IoT hubs that the routes name.')
@minLength(1)
param hubIds string[]

@description('routes.yaml, the document itself: byte for byte what the Lambda has.')
param routes string

@description('Where the ledger is: dynamodb:TABLE@REGION.')
param ledger string

@description('The AWS role that may use the ledger. Empty: that of the first route.')
param ledgerRole string = ''

@description('Application ID URI that AWS lists as the audience of its OpenID Connect provider.')
param awsAudience string

@description('Issuer of the AWS account\'s outbound federation: https://ID.tokens.sts.global.api.aws.')
param awsIssuer string

@description('ARN of the Lambda\'s role, as IAM shows it: the subject that Azure trusts. Case matters.')
param lambdaRoleArn string

@description('When the sweep runs, as six-field NCRONTAB in UTC. The alert on a missing sweep expects it every 15 minutes.')
param sweepSchedule string = '0 */15 * * * *'

@description('Megabytes of memory of each instance.')
@allowed([512, 2048, 4096])
param instanceMemory int = 2048

@description('Who is written to when an alert fires. Nobody: alerts show in the portal only.')
param alertEmails string[] = []

@description('Who may act from the page, once people sign in (sign-in.bicep): app roles, ids of groups or of people.')
param operators string[] = []

@description('Where notices go (POLICY_MIRROR_NOTICES), or a Key Vault reference to that. Empty: the topic that is made here.')
param notices string = ''

module identities 'modules/identities.bicep' = {
  name: '${name}-identities'
  params: {
    name: name
    location: location
    awsIssuer: awsIssuer
    lambdaRoleArn: lambdaRoleArn
  }
}

module storage 'modules/storage.bicep' = {
  name: '${name}-storage'
  params: {
    name: name
    location: location
    appPrincipalId: identities.outputs.appPrincipalId
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: '${name}-monitoring'
  params: {
    name: name
    location: location
    appPrincipalId: identities.outputs.appPrincipalId
    alertEmails: alertEmails
  }
}

module topic 'modules/notices.bicep' = {
  name: '${name}-notices'
  params: {
    name: name
    location: location
    appPrincipalId: identities.outputs.appPrincipalId
  }
}

module app 'modules/app.bicep' = {
  name: '${name}-app'
  params: {
    name: name
    location: location
    identityId: identities.outputs.appId
    identityClientId: identities.outputs.appClientId
    blobEndpoint: storage.outputs.blobEndpoint
    queueEndpoint: storage.outputs.queueEndpoint
    tableEndpoint: storage.outputs.tableEndpoint
    keysQueue: storage.outputs.keysQueue
    packageContainer: storage.outputs.packageContainer
    insightsConnection: monitoring.outputs.insightsConnection
    routes: routes
    ledger: ledger
    ledgerRole: ledgerRole
    awsAudience: awsAudience
    sweepSchedule: sweepSchedule
    instanceMemory: instanceMemory
    operators: operators
    notices: empty(notices) ? topic.outputs.channel : notices
  }
}

module alerts 'modules/alerts.bicep' = {
  name: '${name}-alerts'
  params: {
    name: name
    location: location
    workspaceId: monitoring.outputs.workspaceId
    actionGroupIds: monitoring.outputs.actionGroupIds
  }
}

// One at a time: two hubs of one resource group share their role definitions.
@batchSize(1)
module hubs 'modules/hub-access.bicep' = [
  for id in hubIds: {
    name: '${name}-hub-${uniqueString(id)}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      owner: '${name} in ${resourceGroup().name}'
      ownerId: resourceGroup().id
      hubName: split(id, '/')[8]
      appPrincipalId: identities.outputs.appPrincipalId
      lambdaPrincipalId: identities.outputs.lambdaPrincipalId
    }
  }
]

output appName string = app.outputs.name
output appHost string = app.outputs.host
output appPrincipalId string = identities.outputs.appPrincipalId
output storageName string = storage.outputs.name
output deadLetterContainer string = storage.outputs.deadLetterContainer
output actionGroupIds string[] = monitoring.outputs.actionGroupIds
