using System.CommandLine;
using System.CommandLine.Parsing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary>Options of the commands that work on this machine rather than over HTTP.</summary>
internal static class MachineOptions
{
    /// <summary>Connection string named in the environment, as ASP.NET Core programs do.</summary>
    public static string? DatabaseOfEnvironment => Environment.GetEnvironmentVariable("ConnectionStrings__Catalog") is { Length: > 0 } text
        ? text
        : null;

    /// <summary>Bucket named in the environment.</summary>
    public static string? ObjectsOfEnvironment => Environment.GetEnvironmentVariable("CATALOG_OBJECTS") is { Length: > 0 } text
        ? text
        : null;

    public static Option<string?> Objects() => new("--objects")
    {
        Description = "Bucket for uploaded bytes: s3://bucket/prefix?endpoint=http://host:port&region=name&path-style=true "
            + "(else CATALOG_OBJECTS, else the data folder)",
        HelpName = "address",
    };

    /// <summary>Archive named in the environment.</summary>
    public static string? ArchiveOfEnvironment => Environment.GetEnvironmentVariable("CATALOG_ARCHIVE") is { Length: > 0 } text
        ? text
        : null;

    public static Option<string?> Archive() => new("--archive")
    {
        Description = "Second, cheaper place that tier policies bring uploaded bytes to: an s3://… address or a folder "
            + "(else CATALOG_ARCHIVE, else none)",
        HelpName = "address|folder",
    };

    /// <summary>Redis named in the environment, where a password is not seen among the processes.</summary>
    public static string? RedisOfEnvironment => Environment.GetEnvironmentVariable("CATALOG_REDIS") is { Length: > 0 } text ? text : null;

    public static Option<string?> Redis() => new("--redis")
    {
        Description = "Redis or Valkey that feature views may be served from, a server or a cluster: host:6379,password=… "
            + "(else CATALOG_REDIS, else none)",
        HelpName = "servers",
    };

    public static Option<string?> Data() => new("--data")
    {
        Description = "Data folder (else CATALOG_DATA, else /var/lib/catalog for root and catalog in your data home for others)",
        HelpName = "folder",
    };

    public static Option<string?> Database() => new("--database")
    {
        Description = "Connection string of a PostgreSQL run by others (else ConnectionStrings__Catalog, else an embedded one)",
        HelpName = "connection",
    };

    public static Option<string?> PostgresBinaries() => new("--postgres-bin")
    {
        Description = "Folder of initdb and postgres (else CATALOG_POSTGRES_BIN, PATH, the distribution's folders)",
        HelpName = "folder",
    };

    public static Option<Uri> Listen() => new("--listen", "--url")
    {
        Description = "Address to listen on",
        HelpName = "url",
        DefaultValueFactory = _ => LocalCatalog.DefaultAddress,
        CustomParser = result => ReadAddress(result) ?? LocalCatalog.DefaultAddress,
    };

    public static Option<Uri?> PublicUrl() => new("--public-url")
    {
        Description = "Where clients find the server, for the addresses it gives out (else where each asked): https://catalog.example.org",
        HelpName = "url",
        CustomParser = ReadAddress,
    };

    private static Uri? ReadAddress(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            return url;

        result.AddError($"'{text}' is not an address such as http://127.0.0.1:4870.");
        return null;
    }
}
