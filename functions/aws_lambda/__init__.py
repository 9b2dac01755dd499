"""The AWS function: EventBridge, SQS, the schedule and the Lambda console, all through one handler."""
