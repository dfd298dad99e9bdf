using Catalog.Storage.Objects.S3;
using Xunit;

namespace Catalog.Tests.Storage.Objects;

public sealed class S3AddressTests
{
    [Fact]
    public void A_bucket_alone_is_Amazons_with_the_bucket_in_front_of_the_host() => Assert.Equal(
        new S3Address("lake", "", Endpoint: null, Region: null, PathStyle: false, Profile: null), S3Address.Parse("s3://lake"));

    [Fact]
    public void Everything_can_be_said() => Assert.Equal(
        new S3Address("my-lake", "a b/c/", new Uri("https://s3.example.org:9000"), "eu-1", PathStyle: false, "catalog"),
        S3Address.Parse("s3://my-lake/a%20b/c/?endpoint=https%3A%2F%2Fs3.example.org:9000&region=eu-1&path-style=false&profile=catalog"));

    [Fact]
    public void An_endpoint_has_the_bucket_in_its_path_unless_told_otherwise() =>
        Assert.True(S3Address.Parse("s3://lake?endpoint=http://127.0.0.1:9000").PathStyle);

    [Theory]
    [InlineData("lake", "does not begin with s3://")]
    [InlineData("s3://", "the bucket ''")]
    [InlineData("s3://La", "the bucket 'La'")]
    [InlineData("s3://key:secret@lake", "the bucket 'key:secret@lake'")]
    [InlineData("s3://lake/a/../up", "has an empty, '.' or '..' segment")]
    [InlineData("s3://lake/.hidden", "starts with a dot")]
    [InlineData("s3://lake?endpoint=ftp://host", "the endpoint 'ftp://host'")]
    [InlineData("s3://lake?endpoint=http://key:secret@host", "the endpoint")]
    [InlineData("s3://lake?endpoint=http://host/path", "the endpoint 'http://host/path'")]
    [InlineData("s3://lake?path-style=yes", "path-style is 'yes' and must be true or false")]
    [InlineData("s3://lake?region=a&region=b", "'region' must be given once")]
    [InlineData("s3://lake?region=", "'region' must be given once, with a value")]
    [InlineData("s3://lake?regoin=a", "'regoin' is no setting; there are endpoint, region, path-style, profile")]
    public void What_is_wrong_is_named_with_what_would_be_right(string text, string why)
    {
        var wrong = Assert.Throws<FormatException>(() => S3Address.Parse(text));

        Assert.Contains(why, wrong.Message, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith(
            "write s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=us-east-1.", wrong.Message, StringComparison.Ordinal);
    }
}
