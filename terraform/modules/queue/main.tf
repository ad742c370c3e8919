data "aws_caller_identity" "this" {}

resource "aws_sqs_queue" "dead" {
  name                      = "${var.name}-dead"
  kms_master_key_id         = var.key
  message_retention_seconds = 1209600 # fourteen days, the longest that there is
}

resource "aws_sqs_queue" "this" {
  name                       = var.name
  kms_master_key_id          = var.key
  receive_wait_time_seconds  = 20
  visibility_timeout_seconds = 120
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 10 })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url            = aws_sqs_queue.dead.id
  redrive_allow_policy = jsonencode({ redrivePermission = "byQueue", sourceQueueArns = [aws_sqs_queue.this.arn] })
}

# S3 sends as its service; only that bucket's notices, of this account, are taken.
resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "BucketSends"
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = ["sqs:SendMessage"]
      Resource  = aws_sqs_queue.this.arn
      Condition = {
        ArnEquals    = { "aws:SourceArn" = var.bucket_arn }
        StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id }
      }
    }]
  })
}

# S3 sends a trial message when this is made, so the policy has to be there.
resource "aws_s3_bucket_notification" "this" {
  bucket = var.bucket
  queue {
    queue_arn = aws_sqs_queue.this.arn
    events    = ["s3:ObjectCreated:*"]
  }
  depends_on = [aws_sqs_queue_policy.this]
}
