using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Catalog.Server.Hosting;

/// <summary>Where Arrow Flight is served, and with which certificate where it is served with TLS.</summary>
internal sealed class FlightPlace : IDisposable
{
    private readonly TlsCertificate? _certificate;

    private FlightPlace(HttpAddress address, TlsCertificate? certificate) => (Address, _certificate) = (address, certificate);

    public HttpAddress Address { get; }

    /// <summary>As the options say; null where Flight is not served.</summary>
    /// <exception cref="HostingException">Address and certificate do not go together, or one of them cannot be used.</exception>
    public static FlightPlace? Of(ServerOptions options, DateTimeOffset now)
    {
        if (options.FlightUrl is not { } url)
        {
            return options.FlightCertificate is null && options.FlightKey is null
                ? null
                : throw Mismatch("A certificate was named and no address for Flight: add --flight https://, an address and a port.");
        }

        var address = HttpAddress.ParseSingle(url);
        return (address.IsSecure, options.FlightCertificate) switch
        {
            (true, null) => throw Mismatch(
                $"'{url}' needs a certificate: name its file with --flight-certificate, and that of its private key with --flight-key."),
            (true, { } file) => new FlightPlace(address.WithFreePort(), TlsCertificate.Load(file, options.FlightKey, now)),
            (false, null) when options.FlightKey is null => new FlightPlace(address.WithFreePort(), certificate: null),
            _ => throw Mismatch($"A certificate goes with https:// only: write --flight https://{address.Host}:{address.Port}."),
        };
    }

    /// <summary>Has the endpoint at this address, and no other, speak HTTP/2 alone, with TLS if so.</summary>
    public void Listen(ListenOptions listen)
    {
        if (listen.IPEndPoint?.Port != Address.Port)
            return;

        // Without TLS nothing tells HTTP/2 from HTTP/1.1 when a connection begins: gRPC has an address of its own.
        listen.Protocols = HttpProtocols.Http2;
        if (_certificate is { } certificate)
            listen.UseHttps(certificate.Show);
    }

    public void Dispose() => _certificate?.Dispose();

    private static HostingException Mismatch(string what) => new(HostingException.TlsCertificateMismatch, what);
}
