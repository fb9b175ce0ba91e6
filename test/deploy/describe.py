"""
Asks an AWS control plane by boto3, which moto brings along, and writes the answer as JSON:
`describe.py ENDPOINT REGION SERVICE OPERATION PARAMETERS`.
"""

import json
import sys

import boto3

endpoint, region, service, operation, parameters = sys.argv[1:]
client = boto3.client(
    service,
    endpoint_url=endpoint,
    region_name=region,
    aws_access_key_id="moto",
    aws_secret_access_key="moto",
)
json.dump(getattr(client, operation)(**json.loads(parameters)), sys.stdout, default=str)
