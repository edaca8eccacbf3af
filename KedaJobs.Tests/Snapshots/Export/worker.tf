# The event job 'worker' on Azure Container Apps, with everything it needs except its image.
terraform {
  required_version = ">= 1.5"

  required_providers {
    azapi = {
      source  = "azure/azapi"
      version = ">= 2.0"
    }

    azurerm = {
      source  = "hashicorp/azurerm"
      version = ">= 4.73"
    }
  }
}

provider "azurerm" {
  features {}
}

variable "resource_group_name" {
  description = "Name of the resource group that is created."
  type        = string
}

variable "location" {
  description = "Azure region, for example westeurope."
  type        = string
}

variable "servicebus_namespace_name" {
  description = "Name of the Service Bus namespace that is created; unique in all of Azure."
  type        = string
}

variable "container_registry_name" {
  description = "Name of the container registry that holds the image, without .azurecr.io."
  type        = string
}

variable "container_registry_resource_group_name" {
  description = "Resource group of the container registry."
  type        = string
}

resource "azurerm_resource_group" "main" {
  name     = var.resource_group_name
  location = var.location
}

resource "azurerm_log_analytics_workspace" "main" {
  name                = "worker-logs"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
  sku                 = "PerGB2018"
  retention_in_days   = 30
}

resource "azurerm_container_app_environment" "main" {
  name                       = "worker-environment"
  location                   = azurerm_resource_group.main.location
  resource_group_name        = azurerm_resource_group.main.name
  logs_destination           = "log-analytics"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.main.id

  workload_profile {
    name                  = "Consumption"
    workload_profile_type = "Consumption"
  }
}

resource "azurerm_servicebus_namespace" "messaging" {
  name                = var.servicebus_namespace_name
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
  sku                 = "Standard"
  local_auth_enabled  = false
}

resource "azurerm_servicebus_queue" "jobs" {
  name               = "jobs"
  namespace_id       = azurerm_servicebus_namespace.messaging.id
  lock_duration      = "PT1M"
  max_delivery_count = 5
}

resource "azurerm_servicebus_queue" "results" {
  name                         = "results"
  namespace_id                 = azurerm_servicebus_namespace.messaging.id
  requires_duplicate_detection = true
}

resource "azurerm_user_assigned_identity" "worker_identity" {
  name                = "worker-identity"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
}

resource "azurerm_user_assigned_identity" "worker_scaler" {
  name                = "worker-scaler"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
}

data "azurerm_container_registry" "main" {
  name                = var.container_registry_name
  resource_group_name = var.container_registry_resource_group_name
}

resource "azurerm_role_assignment" "worker_scaler_manages_messaging" {
  scope                = azurerm_servicebus_namespace.messaging.id
  role_definition_name = "Azure Service Bus Data Owner"
  principal_id         = azurerm_user_assigned_identity.worker_scaler.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "worker_identity_receives_from_jobs" {
  scope                = azurerm_servicebus_queue.jobs.id
  role_definition_name = "Azure Service Bus Data Receiver"
  principal_id         = azurerm_user_assigned_identity.worker_identity.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "worker_identity_sends_to_results" {
  scope                = azurerm_servicebus_queue.results.id
  role_definition_name = "Azure Service Bus Data Sender"
  principal_id         = azurerm_user_assigned_identity.worker_identity.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "worker_identity_pulls_images" {
  scope                = data.azurerm_container_registry.main.id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_user_assigned_identity.worker_identity.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_container_app_job" "worker" {
  name                         = "worker"
  location                     = azurerm_resource_group.main.location
  resource_group_name          = azurerm_resource_group.main.name
  container_app_environment_id = azurerm_container_app_environment.main.id
  workload_profile_name        = "Consumption"
  replica_timeout_in_seconds   = 600
  replica_retry_limit          = 1

  event_trigger_config {
    parallelism              = 1
    replica_completion_count = 1

    scale {
      polling_interval_in_seconds = 30
      min_executions              = 0
      max_executions              = 10

      rules {
        name             = "worker"
        custom_rule_type = "azure-servicebus"
        identity_id      = azurerm_user_assigned_identity.worker_scaler.id

        metadata = {
          queueName              = "jobs"
          namespace              = azurerm_servicebus_namespace.messaging.name
          messageCount           = "5"
          activationMessageCount = "0"
        }
      }
    }
  }

  template {
    container {
      name   = "worker"
      image  = "${data.azurerm_container_registry.main.login_server}/worker:latest"
      cpu    = 0.5
      memory = "1Gi"

      env {
        name  = "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"
        value = "in_memory"
      }

      env {
        name  = "JOBS_HOST"
        value = "${azurerm_servicebus_namespace.messaging.name}.servicebus.windows.net"
      }

      env {
        name  = "JOBS_URI"
        value = "https://${azurerm_servicebus_namespace.messaging.name}.servicebus.windows.net:443/"
      }

      env {
        name  = "JOBS_QUEUENAME"
        value = "jobs"
      }

      env {
        name  = "RESULTS_HOST"
        value = "${azurerm_servicebus_namespace.messaging.name}.servicebus.windows.net"
      }

      env {
        name  = "RESULTS_URI"
        value = "https://${azurerm_servicebus_namespace.messaging.name}.servicebus.windows.net:443/"
      }

      env {
        name  = "RESULTS_QUEUENAME"
        value = "results"
      }

      env {
        name  = "QueueJob__ReplicaTimeout"
        value = "00:10:00"
      }

      env {
        name  = "QueueJob__MaxAttempts"
        value = "5"
      }

      env {
        name  = "QueueJob__DuplicateDetection"
        value = "false"
      }

      env {
        name  = "ConnectionStrings__jobs"
        value = "Endpoint=sb://${azurerm_servicebus_namespace.messaging.name}.servicebus.windows.net/;EntityPath=jobs"
      }

      env {
        name  = "ConnectionStrings__results"
        value = "Endpoint=sb://${azurerm_servicebus_namespace.messaging.name}.servicebus.windows.net/;EntityPath=results"
      }

      env {
        name  = "AZURE_CLIENT_ID"
        value = azurerm_user_assigned_identity.worker_identity.client_id
      }

      env {
        name  = "AZURE_TOKEN_CREDENTIALS"
        value = "ManagedIdentityCredential"
      }
    }
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.worker_identity.id, azurerm_user_assigned_identity.worker_scaler.id]
  }

  registry {
    server   = data.azurerm_container_registry.main.login_server
    identity = azurerm_user_assigned_identity.worker_identity.id
  }

  depends_on = [
    azurerm_role_assignment.worker_scaler_manages_messaging,
    azurerm_role_assignment.worker_identity_receives_from_jobs,
    azurerm_role_assignment.worker_identity_sends_to_results,
    azurerm_role_assignment.worker_identity_pulls_images,
  ]
}

# For the platform only: no code in a container can sign in with these identities.
resource "azapi_update_resource" "worker_identity_settings" {
  type        = "Microsoft.App/jobs@2025-07-01"
  resource_id = azurerm_container_app_job.worker.id

  body = {
    properties = {
      configuration = {
        identitySettings = [
          { identity = azurerm_user_assigned_identity.worker_scaler.id, lifecycle = "None" },
        ]
      }
    }
  }
}
