using Catalog.Tests.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Catalog.IntegrationTests.Access;

/// <summary>An issuer of bearer tokens on loopback, with its keys where OpenID Connect has them.</summary>
internal sealed class SigningAuthority : IAsyncDisposable
{
    private readonly WebApplication _app;
    private TestIssuer? _issuer;

    private SigningAuthority(WebApplication app) => _app = app;

    public TestIssuer Issuer => _issuer ?? throw new InvalidOperationException("Not started.");

    /// <summary>Whether it answers nothing but errors.</summary>
    public bool IsDown { get; set; }

    public static async Task<SigningAuthority> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var authority = new SigningAuthority(builder.Build());
        authority._app.MapGet("/.well-known/openid-configuration", () => authority.Answer(i => i.Discovery));
        authority._app.MapGet("/keys", () => authority.Answer(i => i.Keys));
        await authority._app.StartAsync();
        authority._issuer = new TestIssuer(authority._app.Urls.First(), TimeProvider.System.GetUtcNow);
        return authority;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _issuer?.Dispose();
    }

    private IResult Answer(Func<TestIssuer, string> text) =>
        IsDown ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable) : Results.Text(text(Issuer), "application/json");
}
