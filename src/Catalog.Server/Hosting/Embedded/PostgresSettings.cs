using System.Globalization;
using System.Net;

namespace Catalog.Server.Hosting;

/// <summary>
/// An address that PostgreSQL also listens on, for SQL tools: <c>127.0.0.1:5433</c>, <c>localhost:5433</c>, <c>[::1]:5433</c>.
/// </summary>
internal sealed record ListenAddress(string Host, int Port)
{
    public bool IsThisMachine => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    public static ListenAddress Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        var host = colon > 0 ? text[..colon].Trim('[', ']') : "";
        var known = host == "localhost" || IPAddress.TryParse(host, out _);
        return known && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= 65535
            ? new ListenAddress(host, port)
            : throw new HostingException(
                HostingException.PostgresListenInvalid,
                $"'{text}' is no address to listen on: write an IP address and a port, such as 127.0.0.1:5433.");
    }
}

/// <summary>
/// The settings the server starts PostgreSQL with, on the command line, so that they hold whatever the cluster's files say.
/// </summary>
internal static class PostgresSettings
{
    public const int DefaultPort = 5432;

    /// <summary>What PostgreSQL accepts at once.</summary>
    public const int MaxConnections = 100;

    /// <summary>What auditors may hold of them.</summary>
    public const int AuditorConnections = 10;

    /// <summary>What the server's pool opens at most, so that a request waits for a connection instead of being refused one; the rest is
    /// for locks and the commit path, which have connections of their own, and for whoever looks in with psql.</summary>
    public const int PoolConnections = MaxConnections - AuditorConnections - 10;

    private const long Megabyte = 1024 * 1024;

    public static IEnumerable<string> Arguments(
        DataFolder data, string socketFolder, ListenAddress? listen, IReadOnlyDictionary<string, string> overrides)
    {
        var settings = new Dictionary<string, string>(Fixed(data, socketFolder, listen));
        foreach (var (name, value) in Tuned(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes))
            settings[name] = value;
        foreach (var (name, value) in overrides)
            settings[name] = value;
        return settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" });
    }

    private static Dictionary<string, string> Fixed(DataFolder data, string socketFolder, ListenAddress? listen)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["cluster_name"] = "catalog",
            ["listen_addresses"] = listen?.Host ?? "",
            ["port"] = (listen?.Port ?? DefaultPort).ToString(CultureInfo.InvariantCulture),
            ["unix_socket_directories"] = $"\"{socketFolder.Replace("\"", "\"\"")}\"",
            ["unix_socket_permissions"] = "0700",
            ["max_connections"] = MaxConnections.ToString(CultureInfo.InvariantCulture),
            ["fsync"] = "on",
            ["synchronous_commit"] = "on",
            ["full_page_writes"] = "on",
            ["timezone"] = "UTC",
            ["log_timezone"] = "UTC",
            ["logging_collector"] = "on",
            ["log_destination"] = "stderr",
            ["log_directory"] = data.PostgresLog,
            ["log_filename"] = "postgresql-%Y%m%d-%H%M%S.log",
            ["log_file_mode"] = "0600",
            ["log_rotation_size"] = "10MB",
            ["log_rotation_age"] = "7d",
            ["log_line_prefix"] = "%m [%p] ",
            // The log holds no payloads: neither statements nor the key values that an error's detail would quote.
            ["log_min_error_statement"] = "panic",
            ["log_error_verbosity"] = "terse",
        };
        // A backend whose client is gone stops working for it; only where the kernel can tell.
        if (OperatingSystem.IsLinux())
            settings["client_connection_check_interval"] = "2s";
        return settings;
    }

    // The server and its users' jobs share the machine: an eighth of the memory is PostgreSQL's own, the rest of its cache the kernel's.
    private static IEnumerable<(string Name, string Value)> Tuned(long memory)
    {
        var total = memory / Megabyte;
        yield return ("shared_buffers", $"{Math.Clamp(total / 8, 32, 2048)}MB");
        yield return ("effective_cache_size", $"{Math.Max(total / 2, 128)}MB");
        yield return ("maintenance_work_mem", $"{Math.Clamp(total / 64, 32, 256)}MB");
        yield return ("max_wal_size", "2GB");
        yield return ("random_page_cost", "1.1");
        // Short statements: compiling them costs more than it saves.
        yield return ("jit", "off");
    }
}
