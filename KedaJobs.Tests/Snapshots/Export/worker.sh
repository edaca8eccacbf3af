#!/bin/sh
# Creates the event job 'worker'. The environment, the namespace with its queues, the identities and their role
# assignments must exist. Needs the extension: az extension add --name containerapp --upgrade
# NOT INCLUDED: the namespace 'messaging', which must be created, and these entities of it:
# NOT INCLUDED: the queue 'jobs' (lockDurationSeconds 60, maxDeliveryCount 5).
# NOT INCLUDED: the queue 'results' (requiresDuplicateDetection true).
# The managed identity 'worker-scaler' needs the role Azure Service Bus Data Owner on the namespace.
# The managed identity 'worker-identity' needs the role Azure Service Bus Data Receiver on queue jobs.
# The managed identity 'worker-identity' needs the role Azure Service Bus Data Sender on queue results.
set -eu
: "${RESOURCE_GROUP:?name of the resource group}"
: "${CONTAINERAPPS_ENVIRONMENT:?name of the Container Apps environment}"
: "${SERVICEBUS_NAMESPACE:?name of the Service Bus namespace, without .servicebus.windows.net}"
: "${WORKER_SCALER_RESOURCE_ID:?resource id of the managed identity worker-scaler}"
: "${WORKER_IDENTITY_RESOURCE_ID:?resource id of the managed identity worker-identity}"
: "${REGISTRY_SERVER:?host name of the container registry, for example myregistry.azurecr.io}"
: "${WORKER_IDENTITY_CLIENT_ID:?client id of the managed identity worker-identity}"

az containerapp job create \
  --name worker \
  --resource-group "${RESOURCE_GROUP}" \
  --environment "${CONTAINERAPPS_ENVIRONMENT}" \
  --trigger-type Event \
  --replica-timeout 600 \
  --replica-retry-limit 1 \
  --replica-completion-count 1 \
  --parallelism 1 \
  --polling-interval 30 \
  --min-executions 0 \
  --max-executions 10 \
  --scale-rule-name worker \
  --scale-rule-type azure-servicebus \
  --scale-rule-metadata queueName=jobs "namespace=${SERVICEBUS_NAMESPACE}" messageCount=5 activationMessageCount=0 \
  --scale-rule-identity "${WORKER_SCALER_RESOURCE_ID}" \
  --mi-user-assigned "${WORKER_IDENTITY_RESOURCE_ID}" "${WORKER_SCALER_RESOURCE_ID}" \
  --image "${REGISTRY_SERVER}/worker:latest" \
  --registry-server "${REGISTRY_SERVER}" \
  --registry-identity "${WORKER_IDENTITY_RESOURCE_ID}" \
  --cpu 0.5 \
  --memory 1Gi \
  --env-vars OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY=in_memory "JOBS_HOST=${SERVICEBUS_NAMESPACE}.servicebus.windows.net" "JOBS_URI=https://${SERVICEBUS_NAMESPACE}.servicebus.windows.net:443/" JOBS_QUEUENAME=jobs "RESULTS_HOST=${SERVICEBUS_NAMESPACE}.servicebus.windows.net" "RESULTS_URI=https://${SERVICEBUS_NAMESPACE}.servicebus.windows.net:443/" RESULTS_QUEUENAME=results QueueJob__ReplicaTimeout=00:10:00 QueueJob__MaxAttempts=5 QueueJob__DuplicateDetection=false "ConnectionStrings__jobs=Endpoint=sb://${SERVICEBUS_NAMESPACE}.servicebus.windows.net/;EntityPath=jobs" "ConnectionStrings__results=Endpoint=sb://${SERVICEBUS_NAMESPACE}.servicebus.windows.net/;EntityPath=results" "AZURE_CLIENT_ID=${WORKER_IDENTITY_CLIENT_ID}" AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential

# Identities that the containers cannot use: the command above has no flags for them.
az rest --method patch \
  --url "$(az containerapp job show --name worker --resource-group "${RESOURCE_GROUP}" --query id --output tsv)?api-version=2025-07-01" \
  --body @- <<JSON
{
  "properties": {
    "configuration": {
      "triggerType": "Event",
      "replicaTimeout": 600,
      "identitySettings": [
        {
          "identity": "${WORKER_SCALER_RESOURCE_ID}",
          "lifecycle": "None"
        }
      ]
    }
  }
}
JSON
