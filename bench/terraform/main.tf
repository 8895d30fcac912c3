# The platform of inventories/local by Terraform, in one root, as a peer: the same resources under another name. Its service
# runs an image that is there. It is for the benchmark alone.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}

variable "image" { type = string }
variable "boundary" { type = string }

locals {
  name  = "terraform-an2p"
  zones = { a1 = "ap-northeast-2a", c1 = "ap-northeast-2c" }
  block = "172.26.0.0/16"
}

provider "aws" {
  skip_requesting_account_id = true
  default_tags { tags = { Project = "terraform", Environment = "PoC", ManagedBy = "terraform" } }
}

data "aws_caller_identity" "this" {}

resource "aws_vpc" "this" {
  cidr_block           = local.block
  enable_dns_hostnames = true
  tags                 = { Name = "${local.name}-vpc" }
}

resource "aws_default_security_group" "this" { vpc_id = aws_vpc.this.id }

resource "aws_internet_gateway" "this" { vpc_id = aws_vpc.this.id }

resource "aws_subnet" "public" {
  for_each          = local.zones
  vpc_id            = aws_vpc.this.id
  availability_zone = each.value
  cidr_block        = cidrsubnet(local.block, 4, index(keys(local.zones), each.key))
}

resource "aws_subnet" "apps" {
  for_each          = local.zones
  vpc_id            = aws_vpc.this.id
  availability_zone = each.value
  cidr_block        = cidrsubnet(local.block, 4, 8 + index(keys(local.zones), each.key))
}

resource "aws_eip" "nat" { domain = "vpc" }

resource "aws_nat_gateway" "this" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.public["a1"].id
  depends_on    = [aws_internet_gateway.this]
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this.id
  }
}

resource "aws_route_table" "apps" {
  vpc_id = aws_vpc.this.id
  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.this.id
  }
}

resource "aws_route_table_association" "public" {
  for_each       = local.zones
  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "apps" {
  for_each       = local.zones
  subnet_id      = aws_subnet.apps[each.key].id
  route_table_id = aws_route_table.apps.id
}

resource "aws_security_group" "alb" {
  name   = "${local.name}-pub-alb-sg"
  vpc_id = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "alb" {
  security_group_id = aws_security_group.alb.id
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "alb" {
  security_group_id = aws_security_group.alb.id
  ip_protocol       = "-1"
  cidr_ipv4         = local.block
}

resource "aws_lb" "this" {
  name            = "${local.name}-pub-alb"
  subnets         = [for subnet in aws_subnet.public : subnet.id]
  security_groups = [aws_security_group.alb.id]
}

resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "OK"
      status_code  = "200"
    }
  }
}

data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "exec" {
  statement {
    actions   = [for name in ["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"] : "ssmmessages:${name}"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "exec" {
  name   = "${local.name}-ecs-exec"
  policy = data.aws_iam_policy_document.exec.json
}

resource "aws_iam_policy" "boundary" {
  name   = "${local.name}-boundary"
  policy = file(var.boundary)
}

resource "aws_iam_role" "execution" {
  name                 = "${local.name}-ecs-execution"
  assume_role_policy   = data.aws_iam_policy_document.tasks.json
  permissions_boundary = aws_iam_policy.boundary.arn
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role" "task" {
  name                 = "${local.name}-lotto-task"
  assume_role_policy   = data.aws_iam_policy_document.tasks.json
  permissions_boundary = aws_iam_policy.boundary.arn
}

resource "aws_ecs_cluster" "this" { name = "${local.name}-ecs" }

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]
}

resource "aws_service_discovery_private_dns_namespace" "this" {
  name = "terraform.internal"
  vpc  = aws_vpc.this.id
}

resource "aws_service_discovery_service" "lotto" {
  name         = "lotto"
  namespace_id = aws_service_discovery_private_dns_namespace.this.id
  dns_config {
    namespace_id = aws_service_discovery_private_dns_namespace.this.id
    dns_records {
      ttl  = 15
      type = "A"
    }
  }
}

resource "aws_ecr_repository" "lotto" {
  name                 = "${local.name}-lotto"
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration { scan_on_push = true }
}

resource "aws_ecr_lifecycle_policy" "lotto" {
  repository = aws_ecr_repository.lotto.name
  policy = jsonencode({ rules = [{
    rulePriority = 1
    selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 30 }
    action       = { type = "expire" }
  }] })
}

resource "aws_cloudwatch_log_group" "lotto" {
  name              = "/ecs/${local.name}-lotto"
  retention_in_days = 30
}

resource "aws_security_group" "lotto" {
  name   = "${local.name}-lotto-sg"
  vpc_id = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "lotto" {
  security_group_id            = aws_security_group.lotto.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
  referenced_security_group_id = aws_security_group.alb.id
}

resource "aws_vpc_security_group_egress_rule" "lotto" {
  security_group_id = aws_security_group.lotto.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_lb_target_group" "lotto" {
  name                 = "${local.name}-lotto"
  port                 = 8080
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = aws_vpc.this.id
  deregistration_delay = 30
  health_check {
    path              = "/health"
    interval          = 15
    healthy_threshold = 2
  }
}

resource "aws_lb_listener_rule" "lotto" {
  listener_arn = aws_lb_listener.this.arn
  priority     = 1
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.lotto.arn
  }
  condition {
    path_pattern { values = ["/", "/api/*", "/health"] }
  }
}

resource "aws_ecs_task_definition" "lotto" {
  family                   = "${local.name}-lotto"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512
  memory                   = 1024
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions = jsonencode([{
    name                   = "lotto-api"
    image                  = var.image
    essential              = true
    readonlyRootFilesystem = true
    portMappings           = [{ containerPort = 8080, hostPort = 8080, protocol = "tcp" }]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.lotto.name
        awslogs-region        = "ap-northeast-2"
        awslogs-stream-prefix = "lotto"
      }
    }
  }])
}

resource "aws_ecs_service" "lotto" {
  name                  = "${local.name}-lotto"
  cluster               = aws_ecs_cluster.this.id
  task_definition       = aws_ecs_task_definition.lotto.arn
  desired_count         = 1
  launch_type           = "FARGATE"
  propagate_tags        = "SERVICE"
  wait_for_steady_state = true
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
  network_configuration {
    subnets         = [for subnet in aws_subnet.apps : subnet.id]
    security_groups = [aws_security_group.lotto.id]
  }
  load_balancer {
    target_group_arn = aws_lb_target_group.lotto.arn
    container_name   = "lotto-api"
    container_port   = 8080
  }
  service_registries { registry_arn = aws_service_discovery_service.lotto.arn }
  depends_on = [aws_lb_listener_rule.lotto, aws_route_table_association.apps]
}
