using Catalog.Manifests;
using Catalog.Models;
using Catalog.Tests.Datasets;
using Xunit;

namespace Catalog.Tests.Models;

public sealed class ModelShapeTests
{
    private static readonly string s_sha256 = new('a', 64);

    [Theory]
    [MemberData(nameof(Shapes.BadNames), MemberType = typeof(Shapes))]
    public void Models_may_not_be_called_so(string name)
    {
        new RegisterModel.Validator().Flags(new(name, "x", "team"), "Namespace");
        new RegisterModel.Validator().Flags(new("x", name, "team"), "Name");
        new DeployModel.Validator().Flags(new("x", "y", name, "1"), "Endpoint");
    }

    [Theory]
    [MemberData(nameof(Shapes.GoodNames), MemberType = typeof(Shapes))]
    public void Models_may_be_called_so(string name)
    {
        new RegisterModel.Validator().Fits(new(name, "x", "team"));
        new DeployModel.Validator().Fits(new("x", "y", name, "1"));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("01")]
    [InlineData("-1")]
    [InlineData("")]
    [InlineData("a\0")]
    public void A_version_to_deploy_is_a_number_or_an_alias(string version) =>
        new DeployModel.Validator().Flags(new("x", "y", "eu", version), "Version");

    [Fact]
    public void A_model_version_has_artifacts()
    {
        new CreateModelVersion.Validator().Flags(Command(), "files");
        new CreateModelVersion.Validator().Fits(Command(new FileSource("model.zip", Sha256: s_sha256)));
    }

    [Fact]
    public void An_artifact_that_is_wrong_is_named_by_its_place() =>
        new CreateModelVersion.Validator().Flags(
            Command(new FileSource("model.zip", Sha256: s_sha256), new FileSource("../model.zip", Sha256: s_sha256)),
            "files[1].Path");

    [Fact]
    public void A_reason_is_given_for_retiring() => new RetireModel.Validator().Flags(new("x", "y", ""), "Reason");

    private static CreateModelVersion.Command Command(params FileSource[] files) =>
        new("x", "y", new(Flights.RunId, files), Progress: null);
}
