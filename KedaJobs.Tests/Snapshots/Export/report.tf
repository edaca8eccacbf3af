# The scheduled job 'report' on Azure Container Apps, with everything it needs except its image.
# The namespace exists; its queues, topics and subscriptions are created. Import those that already exist: terraform import ADDRESS ID
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

resource "azurerm_resource_group" "main" {
  name     = var.resource_group_name
  location = var.location
}

resource "azurerm_log_analytics_workspace" "main" {
  name                = "report-logs"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
  sku                 = "PerGB2018"
  retention_in_days   = 30
}

resource "azurerm_container_app_environment" "main" {
  name                       = "report-environment"
  location                   = azurerm_resource_group.main.location
  resource_group_name        = azurerm_resource_group.main.name
  logs_destination           = "log-analytics"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.main.id

  workload_profile {
    name                  = "Consumption"
    workload_profile_type = "Consumption"
  }
}

data "azurerm_servicebus_namespace" "shop" {
  name                = "shop-bus"
  resource_group_name = "shop-group"
}

resource "azurerm_servicebus_queue" "results" {
  name         = "results"
  namespace_id = data.azurerm_servicebus_namespace.shop.id
}

resource "azurerm_user_assigned_identity" "report_identity" {
  name                = "report-identity"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
}

resource "azurerm_role_assignment" "report_identity_sends_to_results" {
  scope                = azurerm_servicebus_queue.results.id
  role_definition_name = "Azure Service Bus Data Sender"
  principal_id         = azurerm_user_assigned_identity.report_identity.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_container_app_job" "report" {
  name                         = "report"
  location                     = azurerm_resource_group.main.location
  resource_group_name          = azurerm_resource_group.main.name
  container_app_environment_id = azurerm_container_app_environment.main.id
  workload_profile_name        = "Consumption"
  replica_timeout_in_seconds   = 3000
  replica_retry_limit          = 2

  schedule_trigger_config {
    cron_expression          = "30 4 1 * *"
    parallelism              = 1
    replica_completion_count = 1
  }

  template {
    container {
      name    = "report"
      image   = "ghcr.io/shop/report:2.1"
      cpu     = 0.5
      memory  = "1Gi"
      command = ["/bin/report"]
      args    = ["--currency", "EUR", "$(date) $$"]

      env {
        name  = "SINCE"
        value = "1 month"
      }

      env {
        name  = "ConnectionStrings__results"
        value = "Endpoint=sb://${data.azurerm_servicebus_namespace.shop.name}.servicebus.windows.net/;EntityPath=results"
      }

      env {
        name  = "AZURE_CLIENT_ID"
        value = azurerm_user_assigned_identity.report_identity.client_id
      }

      env {
        name  = "AZURE_TOKEN_CREDENTIALS"
        value = "ManagedIdentityCredential"
      }
    }
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.report_identity.id]
  }

  depends_on = [
    azurerm_role_assignment.report_identity_sends_to_results,
  ]
}
