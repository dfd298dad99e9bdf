using Catalog.Storage.Hot.Redis;

namespace Catalog.Server.Hosting;

/// <summary>The Redis that features are served from, where there is one.</summary>
internal static class RedisPlace
{
    /// <exception cref="HostingException">It is no connection string.</exception>
    public static void Demand(string? connectionString)
    {
        try
        {
            if (connectionString is not null)
                RedisGenerations.Demand(connectionString);
        }
        catch (FormatException e)
        {
            throw new HostingException(HostingException.RedisInvalid, $"--redis: {e.Message}", e);
        }
    }

    /// <summary>Connects. A Redis that is down keeps no server from starting: it is connected to when it is up.</summary>
    public static async Task<RedisGenerations?> ConnectAsync(string? connectionString) =>
        connectionString is null ? null : await RedisGenerations.ConnectAsync(connectionString);
}
