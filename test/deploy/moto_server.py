"""
moto's server, which also builds from a template what the stacks need and moto 5.2 has in its APIs only:
aliases of functions, stages, host names, certificates, and the resource policy of an API. A Ref to such a
type names nothing there otherwise, and what refers to it is built from nothing.

It starts with what the settings of run.ts name as existing: a hosted zone, two interface endpoints and a
virtual private gateway. Takes moto_server's options; writes each type that stays unbuilt to stdout, once.
"""

import json
import logging

from moto.acm.models import acm_backends
from moto.apigateway.models import RestAPI, apigateway_backends
from moto.awslambda.models import LambdaVersion, lambda_backends
from moto.core.common_models import CloudFormationModel
from moto.ec2.models import ec2_backends
from moto.ec2.models.subnets import SubnetRouteTableAssociation
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.models.vpn_gateway import VpnGateway
from moto.route53.models import FakeZone, route53_backends
from moto.server import main

account_id = "123456789012"
region_name = "ap-northeast-1"


class Built:
    """A resource known by what Ref answers and by the attributes that Fn::GetAtt answers."""

    def __init__(self, reference: str, attributes: dict[str, str]) -> None:
        self.reference = reference
        self.attributes = attributes

    @property
    def physical_resource_id(self) -> str:
        return self.reference

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in cls.answered

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return self.attributes[attribute_name]

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""


# moto finds the types that it can build among the subclasses, and each one's service from its module's name.
def builds(cloudformation_type: str, module: str, answered: tuple[str, ...] = ()):
    def declare(create):
        def create_from_cloudformation_json(
            cls, resource_name, cloudformation_json, account_id, region_name, **kwargs
        ):
            reference, attributes = create(
                cloudformation_json["Properties"], account_id, region_name
            )
            return cls(reference, attributes)

        return type(
            create.__name__,
            (Built, CloudFormationModel),
            {
                "__module__": module,
                "answered": answered,
                "cloudformation_type": staticmethod(lambda: cloudformation_type),
                "create_from_cloudformation_json": classmethod(create_from_cloudformation_json),
            },
        )

    return declare


@builds("AWS::Lambda::Alias", "moto.awslambda.models", ("AliasArn",))
def alias(properties, account_id, region_name):
    made = lambda_backends[account_id][region_name].create_alias(
        properties["Name"],
        properties["FunctionName"],
        str(properties["FunctionVersion"]),
        properties.get("Description", ""),
        properties.get("RoutingConfig"),
    )
    return made.arn, {"AliasArn": made.arn}


@builds("AWS::ApiGateway::Stage", "moto.apigateway.models")
def stage(properties, account_id, region_name):
    apigateway_backends[account_id][region_name].create_stage(
        properties["RestApiId"], properties["StageName"], properties["DeploymentId"]
    )
    return properties["StageName"], {}


@builds("AWS::CertificateManager::Certificate", "moto.acm.models")
def certificate(properties, account_id, region_name):
    arn = acm_backends[account_id][region_name].request_certificate(
        properties["DomainName"], None, [], []
    )
    return arn, {}


def add_domain(properties, account_id, region_name, certificate_arn):
    # An error where no such certificate exists, as in API Gateway.
    acm_backends[account_id][region_name].get_certificate(certificate_arn)
    return apigateway_backends[account_id][region_name].create_domain_name(
        domain_name=properties["DomainName"],
        certificate_name=None,
        tags=None,
        certificate_arn=None,
        certificate_body=None,
        certificate_private_key=None,
        certificate_chain=None,
        regional_certificate_name=None,
        regional_certificate_arn=certificate_arn,
        endpoint_configuration={"types": properties["EndpointConfiguration"]["Types"]},
        security_policy=properties["SecurityPolicy"],
    )


@builds(
    "AWS::ApiGateway::DomainName",
    "moto.apigateway.models",
    ("RegionalDomainName", "RegionalHostedZoneId"),
)
def regional_domain(properties, account_id, region_name):
    domain = add_domain(
        properties, account_id, region_name, properties["RegionalCertificateArn"]
    )
    return domain.domain_name, {
        "RegionalDomainName": domain.regional_domain_name,
        "RegionalHostedZoneId": domain.regional_hosted_zone_id,
    }


@builds("AWS::ApiGateway::DomainNameV2", "moto.apigateway.models", ("DomainNameArn",))
def private_domain(properties, account_id, region_name):
    domain = add_domain(properties, account_id, region_name, properties["CertificateArn"])
    arn = (
        f"arn:aws:apigateway:{region_name}:{account_id}:/domainnames/{domain.domain_name}+moto"
    )
    return arn, {"DomainNameArn": arn}


def add_mapping(properties, account_id, region_name, domain_name):
    # Errors where there is no such host name, API or stage are moto's own.
    apigateway_backends[account_id][region_name].create_base_path_mapping(
        domain_name, properties["RestApiId"], properties.get("BasePath"), properties["Stage"]
    )
    return domain_name, {}


@builds("AWS::ApiGateway::BasePathMapping", "moto.apigateway.models")
def mapping(properties, account_id, region_name):
    return add_mapping(properties, account_id, region_name, properties["DomainName"])


def name_of(domain_name_arn: str) -> str:
    return domain_name_arn.split("/")[-1].removesuffix("+moto")


@builds("AWS::ApiGateway::BasePathMappingV2", "moto.apigateway.models")
def private_mapping(properties, account_id, region_name):
    return add_mapping(
        properties, account_id, region_name, name_of(properties["DomainNameArn"])
    )


# moto has no API for these: both ends must exist, and nothing can be read back.
@builds("AWS::ApiGateway::DomainNameAccessAssociation", "moto.apigateway.models")
def access_association(properties, account_id, region_name):
    name = name_of(properties["DomainNameArn"])
    apigateway_backends[account_id][region_name].get_domain_name(name)
    endpoint = properties["AccessAssociationSource"]
    ec2_backends[account_id][region_name].describe_vpc_endpoints([endpoint])
    return f"{name}:{endpoint}", {}


# An alias names the version of its function by Fn::GetAtt, which moto does not answer.
LambdaVersion.get_cfn_attribute = lambda self, attribute_name: str(self.version)

create_association = SubnetRouteTableAssociation.create_from_cloudformation_json


# moto notes that a template relates a subnet to a route table, and leaves the table as it is.
def associate(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
    properties = cloudformation_json["Properties"]
    ec2_backends[account_id][region_name].associate_route_table(
        properties["RouteTableId"], subnet_id=properties["SubnetId"]
    )
    return create_association(
        resource_name, cloudformation_json, account_id, region_name, **kwargs
    )


SubnetRouteTableAssociation.create_from_cloudformation_json = classmethod(associate)

create_api = RestAPI.create_from_cloudformation_json


# moto drops these two properties of an API; its endpoint configuration has the API's spelling.
def create_api_whole(
    cls, resource_name, cloudformation_json, account_id, region_name, **kwargs
):
    properties = cloudformation_json["Properties"]
    api = create_api(resource_name, cloudformation_json, account_id, region_name, **kwargs)
    if "Policy" in properties:
        api.policy = json.dumps(properties["Policy"])
    api.disableExecuteApiEndpoint = properties.get("DisableExecuteApiEndpoint", False)
    configuration = properties.get("EndpointConfiguration", {})
    api.endpoint_configuration = {
        "types": configuration.get("Types", []),
        "vpcEndpointIds": configuration.get("VpcEndpointIds", []),
    }
    return api


RestAPI.create_from_cloudformation_json = classmethod(create_api_whole)


def add_what_settings_name() -> None:
    zone = FakeZone("example.jp.", "Z0123456789ABC", False, "operator")
    route53_backends[account_id]["aws"].zones[zone.resource_id] = zone
    ec2 = ec2_backends[account_id][region_name]
    vpc = next(iter(ec2.vpcs.values()))
    for endpoint_id in ("vpce-0a", "vpce-0b"):
        ec2.vpc_end_points[endpoint_id] = VPCEndPoint(
            ec2,
            endpoint_id,
            vpc.id,
            f"com.amazonaws.{region_name}.execute-api",
            "Interface",
            None,
            [],
        )
    ec2.vpn_gateways["vgw-0a1b"] = VpnGateway(ec2, "vgw-0a1b", "ipsec.1", None, None)


class UnbuiltTypes(logging.Handler):
    """Names each type that moto passes over, once."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.named: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message.startswith("No Moto CloudFormation support for ") and message not in self.named:
            self.named.add(message)
            print(message.removeprefix("No Moto CloudFormation support for "), flush=True)


if __name__ == "__main__":
    add_what_settings_name()
    logging.getLogger("moto").addHandler(UnbuiltTypes())
    main()
