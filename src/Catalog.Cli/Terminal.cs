using Catalog.Sdk;
using Microsoft.Win32.SafeHandles;

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

    /// <summary>What a person answers with.</summary>
    public TextReader In { get; init; } = TextReader.Null;

    /// <summary>Whether a person can be asked; else nothing is read.</summary>
    public bool InIsTerminal { get; init; }

    /// <summary>For bytes rather than text.</summary>
    public required Func<Stream> OpenOut { get; init; }

    /// <summary>Finds the catalog from <c>--url</c> and <c>--data</c>, either of which may be missing.</summary>
    public required Func<string?, string?, CatalogClientOptions, CatalogClient> Connect { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public static Terminal System => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        In = Console.In,
        InIsTerminal = !Console.IsInputRedirected,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        OpenOut = OpenStandardOutput,
        Connect = (url, data, options) =>
        {
            var (address, key) = LocalCatalog.Find(url, data);
            return new CatalogClient(address, key, options);
        },
    };

    /// <summary>
    /// A stream over a pipe that fails when its reader has gone. The console's own stream hides that, and writes on for nobody.
    /// </summary>
    public static Stream OpenPipe(SafeFileHandle handle) => new FileStream(handle, FileAccess.Write, bufferSize: 0);

    /// <summary>Files stay with the console's stream: a stream of ours would not move the place at which other programs write on.</summary>
    private static Stream OpenStandardOutput()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
            return Console.OpenStandardOutput();

        const int StandardOutput = 1;
        var stream = OpenPipe(new SafeFileHandle(StandardOutput, ownsHandle: false));
        return stream.CanSeek ? Console.OpenStandardOutput() : stream;
    }
}
