// The two identities. They are apart because they may do different things, and they are user-assigned because
// a federated credential cannot be put on a system-assigned one, and because AWS's trust names the principal id:
// it must outlive the app.

param name string

param location string = resourceGroup().location

@description('Issuer of the AWS account\'s outbound federation. Empty, as long as it is not known: no trust.')
param awsIssuer string = ''

@description('ARN of the Lambda\'s role. Empty, as long as it is not known: no trust.')
param lambdaRoleArn string = ''

// The function app: AWS trusts its tokens, and it reads the hubs' groups.
resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${name}-app'
  location: location
}

// What the Lambda becomes in Azure: it reads and writes the hubs' groups.
resource lambda 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${name}-lambda'
  location: location
}

// Entra compares all three exactly; case matters.
resource fromAws 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = if (!empty(awsIssuer) && !empty(lambdaRoleArn)) {
  parent: lambda
  name: 'aws-lambda'
  properties: {
    issuer: awsIssuer
    subject: lambdaRoleArn
    audiences: ['api://AzureADTokenExchange']
  }
}

output tenantId string = tenant().tenantId
output appId string = app.id
output appClientId string = app.properties.clientId
output appPrincipalId string = app.properties.principalId
output lambdaClientId string = lambda.properties.clientId
output lambdaPrincipalId string = lambda.properties.principalId
