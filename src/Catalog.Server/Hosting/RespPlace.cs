using Catalog.Server.Doors.Resp;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Catalog.Server.Hosting;

/// <summary>Where the protocol of Redis is served.</summary>
internal sealed record RespPlace(HttpAddress Address)
{
    private const string Scheme = "redis://";

    /// <summary>As a client is told.</summary>
    public Uri Url => new($"{Scheme}{Address.Host}:{Address.Port}");

    /// <summary>As the options say; null where it is not served.</summary>
    /// <exception cref="HostingException">It is no address.</exception>
    public static RespPlace? Of(ServerOptions options)
    {
        if (options.RespUrl is not { } url)
            return null;
        try
        {
            if (url.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
                return new(HttpAddress.ParseSingle($"http://{url[Scheme.Length..]}").WithFreePort());
        }
        catch (HostingException e)
        {
            throw Invalid(url, e);
        }

        throw Invalid(url, inner: null);
    }

    /// <summary>Has the endpoint at this address, and no other, speak it.</summary>
    public void Listen(ListenOptions listen)
    {
        if (listen.IPEndPoint?.Port == Address.Port)
            listen.UseResp();
    }

    private static HostingException Invalid(string url, Exception? inner) => new(
        HostingException.RespAddressInvalid,
        $"'{url}' is no address to listen on: write redis://, an IP address or name, and a port, such as redis://127.0.0.1:4872.", inner);
}
