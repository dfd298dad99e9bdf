using Catalog.Platform;
using Catalog.Platform.Http;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Catalog.Tests.Http;

/// <summary>Exceptions that a client can do something about.</summary>
public sealed class FaultsTests
{
    [Theory]
    [InlineData(408, "request.too_slow")]
    [InlineData(413, "request.too_large")]
    [InlineData(415, "request.unsupported_media_type")]
    [InlineData(400, "request.malformed")]
    public void A_request_that_could_not_be_read_keeps_its_status(int status, string code)
    {
        var problem = Faults.ToProblem(new BadHttpRequestException("It could not be read.", status));

        Assert.Equal((code, status), (problem?.Code, (int?)problem?.Kind));
    }
}
