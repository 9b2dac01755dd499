// What a person must be told. Dead letters have their alert beside the event subscription.

param name string

param location string

param workspaceId string

param actionGroupIds string[]

// Each query counts rows; an alert fires above `most` or below `least` of them in `window`.
var rules = [
  {
    name: 'failures'
    text: 'Functions failed three times or more in a quarter of an hour; see AppExceptions.'
    query: 'AppRequests | where Success == false'
    operator: 'GreaterThanOrEqual'
    threshold: 3
    window: 'PT15M'
    severity: 2
  }
  {
    name: 'poison'
    text: 'A key was given up after five attempts. It lies in policy-mirror-keys-poison; the next sweep looks at it again.'
    query: 'AppTraces | where Message startswith "Message has reached MaxDequeueCount" and Message has "policy-mirror-keys-poison"'
    operator: 'GreaterThan'
    threshold: 0
    window: 'PT15M'
    severity: 2
  }
  {
    name: 'no-sweep'
    text: 'For two periods no sweep began in which no route was late or failed. Events alone do not keep the clouds in step.'
    query: 'AppTraces | where OperationName == "sweep" and toint(parse_json(Message)["sweep-complete"]) == 1'
    operator: 'LessThan'
    threshold: 1
    window: 'PT30M'
    severity: 1
  }
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${name}-${rule.name}'
    location: location
    kind: 'LogAlert'
    properties: {
      displayName: '${name}: ${rule.name}'
      description: rule.text
      enabled: true
      severity: rule.severity
      scopes: [workspaceId]
      evaluationFrequency: 'PT15M'
      windowSize: rule.window
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: actionGroupIds
      }
    }
  }
]
