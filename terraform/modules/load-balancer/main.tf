locals {
  blocks = merge(
    { for c in var.cidrs : c => { v4 = c, v6 = null } },
    { for c in var.ipv6_cidrs : c => { v4 = null, v6 = c } },
  )
  rules   = merge([for port in [80, 443] : { for c, b in local.blocks : "${port} ${c}" => merge(b, { port = port }) }]...)
  records = merge([for type in var.ipv6 ? ["A", "AAAA"] : ["A"] : { for n in var.names : "${type} ${n}" => { name = n, type = type } }]...)
}

resource "aws_security_group" "this" {
  name        = "${var.name}-load-balancer"
  description = "Load balancer of ${var.name}"
  vpc_id      = var.network
}

# Both lists hold for port 80 too, which only redirects.
resource "aws_vpc_security_group_ingress_rule" "in" {
  for_each = local.rules

  security_group_id = aws_security_group.this.id
  description       = "Port ${each.value.port}"
  cidr_ipv4         = each.value.v4
  cidr_ipv6         = each.value.v6
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "nodes" {
  security_group_id            = aws_security_group.this.id
  description                  = "The server on the nodes"
  referenced_security_group_id = var.nodes
  ip_protocol                  = "tcp"
  from_port                    = var.node_port
  to_port                      = var.node_port
}

resource "aws_vpc_security_group_ingress_rule" "nodes" {
  security_group_id            = var.nodes
  description                  = "The load balancer of ${var.name}"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = var.node_port
  to_port                      = var.node_port
}

resource "aws_lb" "this" {
  name                       = var.name
  internal                   = var.internal
  ip_address_type            = var.ipv6 ? "dualstack" : "ipv4"
  subnets                    = var.subnets
  security_groups            = [aws_security_group.this.id]
  drop_invalid_header_fields = true
  enable_deletion_protection = var.deletion_protection
  # The live stream of the screens says something every twenty seconds; uploads take longer.
  idle_timeout = 300
}

resource "aws_lb_target_group" "this" {
  name                 = var.name
  vpc_id               = var.network
  port                 = var.node_port
  protocol             = "HTTP"
  target_type          = "instance"
  deregistration_delay = 30
  health_check {
    path                = "/ready"
    matcher             = "200"
    interval            = 10
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_autoscaling_attachment" "this" {
  autoscaling_group_name = var.scaling_group
  lb_target_group_arn    = aws_lb_target_group.this.arn
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = var.certificate
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_route53_record" "this" {
  for_each = local.records

  zone_id = var.zone_id
  name    = each.value.name
  type    = each.value.type
  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = false
  }
}
