#!/bin/sh
# Creates the event job 'order-mailer' in the cloud china. The environment, the namespace with its queues, the identities and their role
# assignments must exist. Needs the extension: az extension add --name containerapp --upgrade
# NOT INCLUDED: the worker's connection ConnectionStrings__cache to 'cache', which is not in the namespace 'shop'.
# NOT INCLUDED: the namespace 'shop', which must be created, and these entities of it:
# NOT INCLUDED: the queue 'bounced' (lockDurationSeconds 300, maxDeliveryCount 3, defaultMessageTimeToLiveSeconds 1209600, deadLetteringOnMessageExpiration true, requiresDuplicateDetection true, duplicateDetectionHistoryTimeWindowSeconds 5400, requiresSession false, forwardDeadLetteredMessagesTo orders).
# NOT INCLUDED: the queue 'intake' (forwardTo bounced).
# NOT INCLUDED: the topic 'orders' (defaultMessageTimeToLiveSeconds 86400, requiresDuplicateDetection true, duplicateDetectionHistoryTimeWindowSeconds 30.5).
# NOT INCLUDED: the subscription 'orders/mail' (lockDurationSeconds 90, defaultMessageTimeToLiveSeconds 3600, deadLetteringOnMessageExpiration true, requiresSession false, forwardDeadLetteredMessagesTo bounced).
# NOT INCLUDED: the rule 'large' of 'orders/mail' (correlationId c-1, messageId m-1, to mail, replyTo answers, subject order, sessionId s-1, replyToSessionId s-2, contentType application/json, properties.color red, properties.size of it "large", requiresPreprocessing true).
# NOT INCLUDED: the rule 'old' of 'orders/mail' (sqlFilter age > 7 AND kind = 'order', action SET sys.Label = 'old ${order}').
# NOT INCLUDED: the subscription 'orders/archive'.
# The environment must have the workload profile 'heavy'.
# The managed identity 'order-mailer-scaler' needs the role Azure Service Bus Data Owner on the namespace.
# The managed identity 'order-mailer' needs the role Azure Service Bus Data Receiver on the namespace.
# The managed identity 'order-mailer' needs the role Azure Service Bus Data Sender on the namespace.
# The managed identity 'order-mailer' needs the role Azure Service Bus Data Receiver on queue bounced.
# The managed identity 'order-mailer' needs the role Azure Service Bus Data Sender on queue bounced.
# The managed identity 'order-mailer' needs the role Azure Service Bus Data Sender on topic orders.
# The managed identity 'order-mailer' needs the role Azure Service Bus Data Receiver on subscription orders/mail.
# The identity 'order-mailer-scaler' needs a role that lets the rule 'uploads' (azure-queue) read what it counts.
set -eu
: "${RESOURCE_GROUP:?name of the resource group}"
: "${CONTAINERAPPS_ENVIRONMENT:?name of the Container Apps environment}"
: "${MESSAGING_CONNECTION:?value of the secret messaging-connection}"
: "${RABBIT_HOST:?value of the secret rabbit-host}"
: "${API_TOKEN:?value of the secret api-token}"
: "${LICENSE:?value of the secret license}"
: "${TEAM:?value of the parameter team}"
: "${ORDER_MAILER_RESOURCE_ID:?resource id of the managed identity order-mailer}"
: "${ORDER_MAILER_SCALER_RESOURCE_ID:?resource id of the managed identity order-mailer-scaler}"
: "${REGISTRY_SERVER:?host name of the container registry, for example myregistry.azurecr.cn}"
: "${STORE_OUTPUTS_NAME:?value of store.outputs.name in the AppHost}"
: "${SERVICEBUS_NAMESPACE:?name of the Service Bus namespace, without .servicebus.chinacloudapi.cn}"
: "${ORDER_MAILER_CLIENT_ID:?client id of the managed identity order-mailer}"
: "${STORE_OUTPUTS_SUFFIX:?value of store.outputs.suffix in the AppHost}"
[ "$(az cloud show --query name --output tsv)" = AzureChinaCloud ] || { echo 'The job is for AzureChinaCloud: az cloud set --name AzureChinaCloud' >&2; exit 1; }
case "${TEAM}" in *secretref:*) echo 'TEAM holds secretref:, which az would take for the name of a secret' >&2; exit 1;; esac
case "${STORE_OUTPUTS_NAME}" in *secretref:*) echo 'STORE_OUTPUTS_NAME holds secretref:, which az would take for the name of a secret' >&2; exit 1;; esac

az containerapp job create \
  --name order-mailer \
  --resource-group "${RESOURCE_GROUP}" \
  --environment "${CONTAINERAPPS_ENVIRONMENT}" \
  --workload-profile-name heavy \
  --trigger-type Event \
  --replica-timeout 3600 \
  --replica-retry-limit 2 \
  --replica-completion-count 2 \
  --parallelism 3 \
  --polling-interval 15 \
  --min-executions 1 \
  --max-executions 20 \
  --scale-rule-name orders \
  --scale-rule-type azure-servicebus \
  --scale-rule-metadata topicName=orders subscriptionName=mail cloud=AzureChinaCloud messageCount=50 activationMessageCount=3 \
  --scale-rule-auth connection=messaging-connection \
  --secrets "messaging-connection=${MESSAGING_CONNECTION}" "rabbit-host=${RABBIT_HOST}" "api-key=${API_TOKEN}" "license=key=${LICENSE};team=${TEAM}" \
  --mi-user-assigned "${ORDER_MAILER_RESOURCE_ID}" "${ORDER_MAILER_SCALER_RESOURCE_ID}" \
  --image "${REGISTRY_SERVER}/order-mailer:latest" \
  --registry-server "${REGISTRY_SERVER}" \
  --registry-identity "${ORDER_MAILER_RESOURCE_ID}" \
  --cpu 1.25 \
  --memory 2.5Gi \
  --command /bin/mailer 'order'\''s' \
  --args send "team=${TEAM}" \
  --env-vars 'Greeting=it'\''s "dear" $USER, 100 % & more' QueueJob__ReplicaTimeout=01:00:00 "TEAM=${TEAM}" "STORE=https://${STORE_OUTPUTS_NAME}/in" API_KEY=secretref:api-key LICENSE=secretref:license "ConnectionStrings__shop=https://${SERVICEBUS_NAMESPACE}.servicebus.chinacloudapi.cn:443/" "ConnectionStrings__bus=https://${SERVICEBUS_NAMESPACE}.servicebus.chinacloudapi.cn:443/" "ConnectionStrings__bounced=Endpoint=sb://${SERVICEBUS_NAMESPACE}.servicebus.chinacloudapi.cn/;EntityPath=bounced" "ConnectionStrings__door=Endpoint=sb://${SERVICEBUS_NAMESPACE}.servicebus.chinacloudapi.cn/;EntityPath=intake" "ConnectionStrings__orders=Endpoint=sb://${SERVICEBUS_NAMESPACE}.servicebus.chinacloudapi.cn/;EntityPath=orders" "ConnectionStrings__mail=Endpoint=sb://${SERVICEBUS_NAMESPACE}.servicebus.chinacloudapi.cn/;EntityPath=orders/Subscriptions/mail" "AZURE_CLIENT_ID=${ORDER_MAILER_CLIENT_ID}" AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential

# Further scale rules: the command above has no flags for them.
# A value inside a string of JSON.
json() { printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' | awk 'NR > 1 { printf "\\n" } { gsub(/\t/, "\\t"); printf "%s", $0 }'; }
az rest --method patch \
  --url "$(az containerapp job show --name order-mailer --resource-group "${RESOURCE_GROUP}" --query id --output tsv)?api-version=2025-07-01" \
  --body @- <<JSON
{
  "properties": {
    "configuration": {
      "triggerType": "Event",
      "replicaTimeout": 3600,
      "eventTriggerConfig": {
        "parallelism": 3,
        "replicaCompletionCount": 2,
        "scale": {
          "pollingInterval": 15,
          "minExecutions": 1,
          "maxExecutions": 20,
          "rules": [
            {
              "name": "orders",
              "type": "azure-servicebus",
              "metadata": {
                "topicName": "orders",
                "subscriptionName": "mail",
                "cloud": "AzureChinaCloud",
                "messageCount": "50",
                "activationMessageCount": "3"
              },
              "auth": [
                {
                  "secretRef": "messaging-connection",
                  "triggerParameter": "connection"
                }
              ]
            },
            {
              "name": "returns",
              "type": "azure-servicebus",
              "metadata": {
                "queueName": "bounced",
                "namespace": "${SERVICEBUS_NAMESPACE}",
                "cloud": "AzureChinaCloud",
                "messageCount": "1",
                "activationMessageCount": "0"
              },
              "identity": "${ORDER_MAILER_SCALER_RESOURCE_ID}"
            },
            {
              "name": "night",
              "type": "cron",
              "metadata": {
                "timezone": "Europe/Berlin",
                "start": "0 2 * * *",
                "end": "30 2 * * *",
                "desiredReplicas": "1"
              }
            },
            {
              "name": "uploads",
              "type": "azure-queue",
              "metadata": {
                "queueName": "uploads",
                "accountName": "acme's store",
                "endpointSuffix": "$(json "${STORE_OUTPUTS_SUFFIX}")",
                "queueLength": "5"
              },
              "identity": "${ORDER_MAILER_SCALER_RESOURCE_ID}"
            },
            {
              "name": "postbox",
              "type": "rabbitmq",
              "metadata": {
                "queueName": "post",
                "mode": "QueueLength",
                "value": "20"
              },
              "auth": [
                {
                  "secretRef": "rabbit-host",
                  "triggerParameter": "host"
                }
              ]
            }
          ]
        }
      },
      "identitySettings": [
        {
          "identity": "${ORDER_MAILER_SCALER_RESOURCE_ID}",
          "lifecycle": "None"
        }
      ]
    }
  }
}
JSON
