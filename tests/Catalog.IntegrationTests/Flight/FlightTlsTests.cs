using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Client;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Server;
using Catalog.Server.Hosting;
using Grpc.Core;
using Grpc.Net.Client;

namespace Catalog.IntegrationTests.Flight;

/// <summary>Flight with TLS, by a certificate that the test makes.</summary>
public sealed class FlightTlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_trusts_the_certificate_is_answered_and_nobody_else(bool pem)
    {
        using var certificate = Certificate(_now.AddDays(-1), _now.AddDays(1));
        await using var fresh = await FreshServer.StartAsync(o => o with
        {
            FlightUrl = "https://127.0.0.1:0",
            FlightCertificate = pem ? Pem(certificate) : Pkcs12(certificate),
            FlightKey = pem ? Key(certificate) : null,
        });
        var address = fresh.Server.FlightAddress ?? throw new InvalidOperationException("No Flight.");
        var key = new Metadata { { "authorization", $"Bearer {fresh.Api.Key}" } };

        using var trusting = Channel(address, shown => shown?.GetCertHashString() == certificate.Thumbprint);
        using var careful = Channel(address, trust: null);
        using var list = new FlightClient(trusting).ListFlights(new FlightCriteria("demo"), key);
        var untrusted = await Assert.ThrowsAsync<RpcException>(
            async () => await new FlightClient(careful).GetSchema(FlightDescriptor.CreatePathDescriptor("dataset:demo/x"), key));

        Assert.Equal("https", address.Scheme);
        Assert.False(await list.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.Internal, untrusted.StatusCode);
        Assert.Contains("SSL", untrusted.Status.Detail);
    }

    [Fact]
    public async Task What_cannot_be_served_with_is_refused_before_anything_is_made()
    {
        using var good = Certificate(_now.AddDays(-1), _now.AddDays(1));
        using var other = Certificate(_now.AddDays(-1), _now.AddDays(1));
        using var over = Certificate(_now.AddDays(-2), _now.AddDays(-1));
        var (pem, key) = (Pem(good), Key(good));
        await File.WriteAllTextAsync(_folder["nonsense"], "nonsense");

        await RefusedAsync("https://127.0.0.1:0", null, null, HostingException.TlsCertificateMismatch, "--flight-certificate");
        await RefusedAsync("http://127.0.0.1:0", pem, key, HostingException.TlsCertificateMismatch, "https://");
        await RefusedAsync(null, pem, key, HostingException.TlsCertificateMismatch, "--flight");
        await RefusedAsync("https://127.0.0.1:0", _folder["missing"], null, HostingException.TlsCertificateUnusable, "missing");
        await RefusedAsync("https://127.0.0.1:0", _folder["nonsense"], null, HostingException.TlsCertificateUnusable, "PKCS #12");
        await RefusedAsync("https://127.0.0.1:0", pem, null, HostingException.TlsCertificateUnusable, "--flight-key");
        await RefusedAsync("https://127.0.0.1:0", pem, Key(other), HostingException.TlsCertificateUnusable, "private key");
        await RefusedAsync("https://127.0.0.1:0", Pkcs12(good), key, HostingException.TlsCertificateUnusable, "PEM only");
        await RefusedAsync("https://127.0.0.1:0", Pem(over), Key(over), HostingException.TlsCertificateUnusable, "it ended on");
        Assert.False(Directory.Exists(_folder["data"]));
    }

    private async Task RefusedAsync(string? url, string? certificate, string? key, string code, string says)
    {
        var refused = await Assert.ThrowsAsync<HostingException>(() => CatalogServer.StartAsync(new ServerOptions
        {
            DataFolder = _folder["data"],
            FlightUrl = url,
            FlightCertificate = certificate,
            FlightKey = key,
        }));

        Assert.Equal(code, refused.Code);
        Assert.Contains(says, refused.Message);
    }

    private static GrpcChannel Channel(Uri address, Func<X509Certificate?, bool>? trust)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        if (trust is not null)
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => trust(shown);
        return GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }

    private static X509Certificate2 Certificate(DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=catalog-test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(from, to);
    }

    private string Pem(X509Certificate2 certificate) => Write(".pem", certificate.ExportCertificatePem());

    private string Key(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey();
        return Write(".key", key?.ExportPkcs8PrivateKeyPem() ?? "");
    }

    private string Pkcs12(X509Certificate2 certificate)
    {
        var path = _folder[New.Name("certificate") + ".pfx"];
        File.WriteAllBytes(path, certificate.Export(X509ContentType.Pkcs12));
        return path;
    }

    private string Write(string suffix, string text)
    {
        var path = _folder[New.Name("certificate") + suffix];
        File.WriteAllText(path, text);
        return path;
    }
}
