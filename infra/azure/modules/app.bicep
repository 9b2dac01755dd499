// The function app on Flex Consumption. It has one identity, no key and no secret.

param name string

param location string

param identityId string

param identityClientId string

param blobEndpoint string

param queueEndpoint string

param tableEndpoint string

param keysQueue string

param packageContainer string

param insightsConnection string

param routes string

param ledger string

param ledgerRole string

param awsAudience string

param sweepSchedule string

param instanceMemory int

param operators string[]

param notices string

// Settings of the Functions host and of our own (shared/config.py).
var settings = [
  { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
  { name: 'AzureWebJobsStorage__clientId', value: identityClientId }
  { name: 'AzureWebJobsStorage__blobServiceUri', value: blobEndpoint }
  { name: 'AzureWebJobsStorage__queueServiceUri', value: queueEndpoint }
  { name: 'AzureWebJobsStorage__tableServiceUri', value: tableEndpoint }
  { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insightsConnection }
  { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'ClientId=${identityClientId};Authorization=AAD' }
  { name: 'POLICY_MIRROR_ROUTES_YAML', value: routes }
  { name: 'POLICY_MIRROR_LEDGER', value: ledger }
  { name: 'POLICY_MIRROR_LEDGER_ROLE', value: ledgerRole }
  { name: 'POLICY_MIRROR_AWS_AUDIENCE', value: awsAudience }
  { name: 'POLICY_MIRROR_AZURE_CLIENT_ID', value: identityClientId }
  { name: 'POLICY_MIRROR_SWEEP_SCHEDULE', value: sweepSchedule }
  { name: 'POLICY_MIRROR_STORAGE_QUEUE', value: '${queueEndpoint}${keysQueue}' }
  { name: 'POLICY_MIRROR_OPERATORS', value: join(operators, ',') }
  { name: 'POLICY_MIRROR_NOTICES', value: notices }
  // The page is the app's root, where the host would show its own.
  { name: 'AzureWebJobsDisableHomepage', value: 'true' }
  // Where people sign in, the app proves who it is to Entra by its identity: others keep a client secret.
  { name: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID', value: identityClientId }
]

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: '${name}-plan'
  location: location
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
  }
}

resource site 'Microsoft.Web/sites@2024-11-01' = {
  name: '${name}-${uniqueString(resourceGroup().id, name)}'
  location: location
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobEndpoint}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: '3.13'
      }
      scaleAndConcurrency: {
        maximumInstanceCount: 40
        instanceMemoryMB: instanceMemory
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      appSettings: settings
    }
  }
}

// Publishing by user name and password stays off; the package is put in place with the deployer's own sign-in.
resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: site
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noScmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: site
  name: 'scm'
  properties: {
    allow: false
  }
}

output name string = site.name
output host string = site.properties.defaultHostName
