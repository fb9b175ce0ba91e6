"""
moto's server, which also builds AWS::Lambda::Alias from a template. moto 5.2 has aliases in its Lambda API
only: a Ref to one names nothing there, and every permission of a function behind an alias fails.

Starts as moto_server does, with its options.
"""

from moto.awslambda.models import LambdaVersion, lambda_backends
from moto.core.common_models import CloudFormationModel
from moto.server import main


# moto finds the types that it can build among the subclasses.
class Alias(CloudFormationModel):
    # moto reads the service from the name of the module.
    __module__ = "moto.awslambda.models"

    def __init__(self, arn: str) -> None:
        self.arn = arn

    @property
    def physical_resource_id(self) -> str:
        return self.arn

    @staticmethod
    def cloudformation_name_type() -> str:
        return "Alias"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Lambda::Alias"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "AliasArn"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return self.arn

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name, cloudformation_json, account_id, region_name, **kwargs
    ) -> "Alias":
        properties = cloudformation_json["Properties"]
        alias = lambda_backends[account_id][region_name].create_alias(
            properties["Name"],
            properties["FunctionName"],
            str(properties["FunctionVersion"]),
            properties.get("Description", ""),
            properties.get("RoutingConfig"),
        )
        return cls(alias.arn)


# An alias names the version of its function by Fn::GetAtt, which moto does not answer.
LambdaVersion.get_cfn_attribute = lambda self, attribute_name: str(self.version)


if __name__ == "__main__":
    main()
