#!/bin/sh
# Creates the scheduled job 'report'. The environment, the namespace with its queues, the identities and their role
# assignments must exist. Needs the extension: az extension add --name containerapp --upgrade
# NOT INCLUDED: the namespace 'shop', which exists as shop-bus in the resource group shop-group, and these entities of it:
# NOT INCLUDED: the queue 'results'.
# The managed identity 'report-identity' needs the role Azure Service Bus Data Sender on queue results.
set -eu
: "${RESOURCE_GROUP:?name of the resource group}"
: "${CONTAINERAPPS_ENVIRONMENT:?name of the Container Apps environment}"
: "${REPORT_IDENTITY_CLIENT_ID:?client id of the managed identity report-identity}"
: "${REPORT_IDENTITY_RESOURCE_ID:?resource id of the managed identity report-identity}"

# One request, because az containerapp job create cannot take all values: it takes argument 1 for a flag or a file, or for none.
LOCATION="$(az containerapp env show --name "${CONTAINERAPPS_ENVIRONMENT}" --resource-group "${RESOURCE_GROUP}" --query location --output tsv)"
ENVIRONMENT_ID="$(az containerapp env show --name "${CONTAINERAPPS_ENVIRONMENT}" --resource-group "${RESOURCE_GROUP}" --query id --output tsv)"
az rest --method put \
  --url "/subscriptions/{subscriptionId}/resourceGroups/${RESOURCE_GROUP}/providers/Microsoft.App/jobs/report?api-version=2025-07-01" \
  --body @- <<JSON
{
  "location": "${LOCATION}",
  "properties": {
    "environmentId": "${ENVIRONMENT_ID}",
    "configuration": {
      "triggerType": "Schedule",
      "replicaTimeout": 3000,
      "replicaRetryLimit": 2,
      "scheduleTriggerConfig": {
        "parallelism": 1,
        "replicaCompletionCount": 1,
        "cronExpression": "30 4 1 * *"
      }
    },
    "template": {
      "containers": [
        {
          "name": "report",
          "image": "ghcr.io/shop/report:2.1",
          "resources": {
            "cpu": 0.5,
            "memory": "1Gi"
          },
          "env": [
            {
              "name": "SINCE",
              "value": "1 month"
            },
            {
              "name": "ConnectionStrings__results",
              "value": "Endpoint=sb://shop-bus.servicebus.windows.net/;EntityPath=results"
            },
            {
              "name": "AZURE_CLIENT_ID",
              "value": "${REPORT_IDENTITY_CLIENT_ID}"
            },
            {
              "name": "AZURE_TOKEN_CREDENTIALS",
              "value": "ManagedIdentityCredential"
            }
          ],
          "command": [
            "/bin/report"
          ],
          "args": [
            "--currency",
            "EUR",
            "\$(date) \$\$"
          ]
        }
      ]
    }
  },
  "identity": {
    "type": "UserAssigned",
    "userAssignedIdentities": {
      "${REPORT_IDENTITY_RESOURCE_ID}": {}
    }
  }
}
JSON
az resource wait --created --resource-group "${RESOURCE_GROUP}" --resource-type Microsoft.App/jobs --name report --api-version 2025-07-01
