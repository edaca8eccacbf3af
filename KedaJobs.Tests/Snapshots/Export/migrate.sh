#!/bin/sh
# Creates the manual job 'migrate' in the cloud usGovernment. The environment, the identities and their role
# assignments must exist. Needs the extension: az extension add --name containerapp --upgrade
set -eu
: "${RESOURCE_GROUP:?name of the resource group}"
: "${CONTAINERAPPS_ENVIRONMENT:?name of the Container Apps environment}"
: "${REGISTRY_SERVER:?host name of the container registry, for example myregistry.azurecr.us}"
[ "$(az cloud show --query name --output tsv)" = AzureUSGovernment ] || { echo 'The job is for AzureUSGovernment: az cloud set --name AzureUSGovernment' >&2; exit 1; }

az containerapp job create \
  --name migrate \
  --resource-group "${RESOURCE_GROUP}" \
  --environment "${CONTAINERAPPS_ENVIRONMENT}" \
  --trigger-type Manual \
  --replica-timeout 1800 \
  --replica-retry-limit 0 \
  --replica-completion-count 1 \
  --parallelism 2 \
  --image "${REGISTRY_SERVER}/migrate:latest" \
  --registry-server "${REGISTRY_SERVER}" \
  --registry-identity system \
  --cpu 0.5 \
  --memory 1Gi \
  --args up
