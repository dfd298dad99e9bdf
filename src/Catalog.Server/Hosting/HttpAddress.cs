using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Hosting;

/// <summary>Where HTTP is to be served, checked before anything is started for it.</summary>
/// <param name="Host">An IP address or name.</param>
/// <param name="Port">0 for one that is free.</param>
/// <param name="IsSecure">Whether with TLS.</param>
internal sealed record HttpAddress(string Host, int Port, bool IsSecure = false)
{
    private const string Localhost = "localhost";

    /// <summary>Reads <c>http://HOST:PORT</c>; several addresses are separated by semicolons.</summary>
    /// <exception cref="HostingException">It is none, or one that is not served here.</exception>
    public static IReadOnlyList<HttpAddress> Parse(string text)
    {
        var all = ParseAll(text);
        return all.Any(a => a.IsSecure)
            ? throw new HostingException(
                HostingException.HttpTlsUnsupported,
                $"The catalog does not serve HTTPS itself, as '{text}' asks: listen on http:// and put a reverse proxy with the "
                + "certificate before it.")
            : all;
    }

    /// <summary>As <see cref="Parse"/>, of one address, which may begin with <c>https://</c>.</summary>
    /// <exception cref="HostingException">It is none, or more than one.</exception>
    public static HttpAddress ParseSingle(string text) => ParseAll(text) is [var one] ? one : throw Invalid(text);

    /// <summary>The same address, with a port that is free just now where it has none.</summary>
    public HttpAddress WithFreePort()
    {
        if (Port != 0)
            return this;
        using var probe = new TcpListener(Endpoint(), 0);
        probe.Start();
        return this with { Port = ((IPEndPoint)probe.LocalEndpoint).Port };
    }

    public override string ToString() => $"{(IsSecure ? "https" : "http")}://{Host}:{Port}";

    /// <summary>Binds the port for a moment. Port 0 is always free.</summary>
    /// <exception cref="HostingException">It cannot be had.</exception>
    public void DemandFree()
    {
        if (Port == 0)
            return;
        var endpoint = new IPEndPoint(Endpoint(), Port);
        try
        {
            using var probe = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
                probe.DualMode = true;
            probe.Bind(endpoint);
        }
        catch (SocketException e)
        {
            throw Refused(e);
        }
    }

    /// <summary>What it means that the server could not bind; null where the failure is another.</summary>
    public static HostingException? Explain(IReadOnlyList<HttpAddress> addresses, Exception failure) => failure switch
    {
        SocketException e => addresses[0].Refused(e),
        IOException { InnerException: AddressInUseException { InnerException: SocketException e } } => addresses[0].Refused(e),
        IOException { InnerException: AddressInUseException e } => addresses[0].InUse(e),
        _ => null,
    };

    private static IReadOnlyList<HttpAddress> ParseAll(string text) =>
        text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } parts
            ? [.. parts.Select(ParseOne)]
            : throw Invalid(text);

    private static HttpAddress ParseOne(string text)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(text);
        }
        catch (FormatException)
        {
            throw Invalid(text);
        }

        var isSecure = address.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase);
        var known = (isSecure || address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase))
            && !address.IsUnixPipe
            && address.PathBase.Length == 0
            && address.Port is >= 0 and <= 65535
            && !(address.Port == 0 && address.Host.Equals(Localhost, StringComparison.OrdinalIgnoreCase));
        return known ? new HttpAddress(address.Host, address.Port, isSecure) : throw Invalid(text);
    }

    // As Kestrel does: a name that is no address stands for all of them.
    private IPAddress Endpoint() => Host switch
    {
        _ when Host.Equals(Localhost, StringComparison.OrdinalIgnoreCase) => IPAddress.Loopback,
        _ when IPAddress.TryParse(Host, out var address) => address,
        _ => Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any,
    };

    private HostingException Refused(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => InUse(e),
        SocketError.AccessDenied => new HostingException(
            HostingException.HttpPortDenied,
            $"The user '{Environment.UserName}' may not listen on port {Port}: choose one above 1023 with --listen.",
            e),
        _ => new HostingException(
            HostingException.HttpAddressUnavailable,
            $"'{Host}' is no address of this machine to listen on ({e.Message.TrimEnd('.')}): choose another with --listen, such as "
            + $"http://127.0.0.1:{Port}.",
            e),
    };

    private HostingException InUse(Exception e) => new(
        HostingException.HttpPortInUse,
        $"Port {Port} on {Host} is taken by another program: stop that one, or choose another port with --listen, such as "
        + $"http://127.0.0.1:{Another}.",
        e);

    private int Another => Port < 65535 ? Port + 1 : 4870;

    private static HostingException Invalid(string text) => new(
        HostingException.HttpAddressInvalid,
        $"'{text}' is no address to listen on: write http://, an IP address or name, and a port, such as http://127.0.0.1:4870.");
}
