# The manual job 'migrate' on Azure Container Apps in the cloud usGovernment, with everything it needs except its image.
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
  environment = "usgovernment"

  features {}
}

provider "azapi" {
  environment = "usgovernment"
}

variable "resource_group_name" {
  description = "Name of the resource group that is created."
  type        = string
}

variable "location" {
  description = "Azure region, for example usgovvirginia."
  type        = string
}

variable "container_registry_name" {
  description = "Name of the container registry that holds the image, without .azurecr.us."
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
  name                = "migrate-logs"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
  sku                 = "PerGB2018"
  retention_in_days   = 30
}

resource "azurerm_container_app_environment" "main" {
  name                       = "migrate-environment"
  location                   = azurerm_resource_group.main.location
  resource_group_name        = azurerm_resource_group.main.name
  logs_destination           = "log-analytics"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.main.id

  workload_profile {
    name                  = "Consumption"
    workload_profile_type = "Consumption"
  }
}

resource "azurerm_user_assigned_identity" "migrate_pull" {
  name                = "migrate-pull"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
}

data "azurerm_container_registry" "main" {
  name                = var.container_registry_name
  resource_group_name = var.container_registry_resource_group_name
}

resource "azurerm_role_assignment" "migrate_pull_pulls_images" {
  scope                = data.azurerm_container_registry.main.id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_user_assigned_identity.migrate_pull.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_container_app_job" "migrate" {
  name                         = "migrate"
  location                     = azurerm_resource_group.main.location
  resource_group_name          = azurerm_resource_group.main.name
  container_app_environment_id = azurerm_container_app_environment.main.id
  workload_profile_name        = "Consumption"
  replica_timeout_in_seconds   = 1800
  replica_retry_limit          = 0

  manual_trigger_config {
    parallelism              = 2
    replica_completion_count = 1
  }

  template {
    container {
      name   = "migrate"
      image  = "${data.azurerm_container_registry.main.login_server}/migrate:latest"
      cpu    = 0.5
      memory = "1Gi"
      args   = ["up"]
    }
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.migrate_pull.id]
  }

  registry {
    server   = data.azurerm_container_registry.main.login_server
    identity = azurerm_user_assigned_identity.migrate_pull.id
  }

  depends_on = [
    azurerm_role_assignment.migrate_pull_pulls_images,
  ]
}

# For the platform only: no code in a container can sign in with these identities.
resource "azapi_update_resource" "migrate_identity_settings" {
  type        = "Microsoft.App/jobs@2025-07-01"
  resource_id = azurerm_container_app_job.migrate.id

  body = {
    properties = {
      configuration = {
        identitySettings = [
          { identity = azurerm_user_assigned_identity.migrate_pull.id, lifecycle = "None" },
        ]
      }
    }
  }
}
