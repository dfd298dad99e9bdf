using System.Net;

namespace Catalog.Access;

/// <summary>How the address of a caller is written: as policies name it, whichever kind of socket it came by.</summary>
public static class CallerAddress
{
    public static string? Of(IPAddress? address) => address switch
    {
        null => null,
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } => new IPAddress(address.GetAddressBytes()).ToString(),
        _ => address.ToString(),
    };
}
