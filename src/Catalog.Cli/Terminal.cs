using Catalog.Sdk;

namespace Catalog.Cli;

/// <summary>What a command talks to: two writers, raw standard output, and a catalog. Tests put their own in its place.</summary>
internal sealed record Terminal
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Whether a person reads standard output; else lines are tab-separated and nothing is coloured.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Whether a person reads standard error; only then is progress drawn.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>For bytes rather than text.</summary>
    public required Func<Stream> OpenOut { get; init; }

    /// <summary>Finds the catalog from <c>--url</c> and <c>--data</c>, either of which may be missing.</summary>
    public required Func<string?, string?, CatalogClientOptions, CatalogClient> Connect { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public static Terminal System => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        OpenOut = Console.OpenStandardOutput,
        Connect = (url, data, options) =>
        {
            var (address, key) = LocalCatalog.Find(url, data);
            return new CatalogClient(address, key, options);
        },
    };
}
