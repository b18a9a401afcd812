import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { run } from '../packages/packed.ts';
import { startStackProcess } from '../support/stack-process.ts';
import { OutsideFolder, outsideEnvironment } from './installed.ts';

const hasTerraform = spawnSync('terraform', ['version']).status === 0;

it('Terraform’s AWS provider makes, reads, changes and destroys what the local stack has', {
  timeout: 900_000,
  skip: hasTerraform ? false : 'SKIPPED: terraform is not installed',
}, async (t) => {
  using folder = new OutsideFolder();
  folder.write('main.tf', configuration('of the bank'));
  const stack = await startStackProcess(t, ['--env', 'prd', '--scale', '10']);
  const { TF_CLI_CONFIG_FILE: file, ...env } = outsideEnvironment();
  const terraform = (...args: string[]) =>
    run('terraform', args, {
      cwd: folder.folder,
      env: {
        ...env,
        ...(file && existsSync(file) ? { TF_CLI_CONFIG_FILE: file } : {}),
        AWS_ENDPOINT_URL: stack.awsUrl,
        AWS_REGION: 'sa-east-1',
        AWS_ACCESS_KEY_ID: 'fake-key-id',
        AWS_SECRET_ACCESS_KEY: 'fake-secret-key',
        AWS_EC2_METADATA_DISABLED: 'true',
        CHECKPOINT_DISABLE: '1',
      },
      maxBuffer: 2 ** 26,
    });
  const unreachable = await terraform('init', '-no-color', '-input=false').then(
    () => false,
    ({ stderr }: { readonly stderr: string }) => {
      assert.match(stderr, /could not connect to|Failed to query available provider/, stderr);
      return true;
    },
  );
  if (unreachable) return t.skip('SKIPPED: the registry of Terraform is not reached from here');
  const apply = () => terraform('apply', '-no-color', '-input=false', '-auto-approve');
  const unchanged = () => terraform('plan', '-no-color', '-input=false', '-detailed-exitcode');

  await apply();
  await unchanged();
  const { stdout } = await terraform('output', '-json');
  const outputs = JSON.parse(stdout) as Record<string, { readonly value: unknown }>;
  assert.deepEqual(
    [outputs.read?.value, outputs.flag?.value, outputs.function?.value],
    ['fake-value', 'on', 'renova-prd-read'],
  );
  folder.write('main.tf', configuration('of another bank'));
  await apply();
  await unchanged();
  await terraform('destroy', '-no-color', '-input=false', '-auto-approve');
  assert.ok(existsSync(join(folder.folder, 'terraform.tfstate')));
});

function configuration(description: string): string {
  return `
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}
provider "aws" {}
data "aws_caller_identity" "me" {}
resource "aws_secretsmanager_secret" "key" {
  name                    = "bank/key"
  description             = "${description}"
  recovery_window_in_days = 0
  tags                    = { owner = "collections" }
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::\${data.aws_caller_identity.me.account_id}:root" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}
resource "aws_secretsmanager_secret_version" "key" {
  secret_id     = aws_secretsmanager_secret.key.id
  secret_string = "fake-value"
}
data "aws_secretsmanager_secret_version" "key" {
  secret_id  = aws_secretsmanager_secret.key.id
  depends_on = [aws_secretsmanager_secret_version.key]
}
resource "aws_ssm_parameter" "flag" {
  name        = "/bank/flag"
  type        = "String"
  value       = "on"
  description = "${description}"
}
data "aws_lambda_function" "read" { function_name = "renova-prd-read" }
output "read" {
  value     = data.aws_secretsmanager_secret_version.key.secret_string
  sensitive = true
}
output "flag" {
  value     = aws_ssm_parameter.flag.value
  sensitive = true
}
output "function" { value = data.aws_lambda_function.read.function_name }
`;
}
