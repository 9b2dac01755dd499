// The last step, if wanted: people sign in with Entra before anything reaches the function's HTTP endpoints.
// The app must be there first: the Entra application names its address.

targetScope = 'resourceGroup'

param appName string

@description('Application (client) id of the Entra application that people sign in with.')
param clientId string

resource site 'Microsoft.Web/sites@2024-11-01' existing = {
  name: appName
}

// Event Grid cannot sign in. Its path is left out and stays behind the extension's own key; that its deliveries
// then get through is how others have it, and not documented (read 2026-11).
resource signIn 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: site
  name: 'authsettingsV2'
  properties: {
    platform: {
      enabled: true
    }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'RedirectToLoginPage'
      redirectToProvider: 'azureactivedirectory'
      excludedPaths: ['/runtime/webhooks/EventGrid']
    }
    httpSettings: {
      requireHttps: true
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: clientId
          clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: [clientId, 'api://${clientId}']
        }
      }
    }
    login: {
      tokenStore: {
        enabled: false
      }
    }
  }
}
