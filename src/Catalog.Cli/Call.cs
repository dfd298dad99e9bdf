using System.CommandLine;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli;

/// <summary>One command being run: its values, the catalog, and where to print.</summary>
internal sealed class Call(ParseResult parsed, Terminal terminal) : IAsyncDisposable
{
    private CatalogClient? _catalog;

    public Terminal Terminal { get; } = terminal;

    public Screen Screen { get; } = new(terminal, parsed.GetValue(SharedOptions.Json));

    /// <summary>The catalog, connected to when first asked for.</summary>
    public CatalogClient Catalog => _catalog ??= Terminal.Connect(
        parsed.GetValue(SharedOptions.Url),
        parsed.GetValue(SharedOptions.Data),
        new CatalogClientOptions { Purpose = parsed.GetValue(SharedOptions.Purpose), MaxRetries = 3 });

    /// <summary>More about a failure, where the address was taken from a data folder, or nobody named one.</summary>
    public string? Explain(CatalogException failure)
    {
        var data = parsed.GetValue(SharedOptions.Data);
        var told = parsed.GetValue(SharedOptions.Url) is not null || (data is null && LocalCatalog.IsToldByEnvironment);
        return _catalog is null || told
            ? null
            : Unserved.Explain(failure.Code, Path.GetFullPath(data ?? LocalCatalog.DefaultDataFolder), _catalog.Address);
    }

    public T? Value<T>(Option<T> option) => parsed.GetValue(option);

    public T? Value<T>(Argument<T> argument) => parsed.GetValue(argument);

    public T Required<T>(Option<T> option) => parsed.GetRequiredValue(option);

    public T Required<T>(Argument<T> argument) => parsed.GetRequiredValue(argument);

    /// <summary>The choice of a required option.</summary>
    public T Chosen<T>(Option<T?> option)
        where T : struct =>
        parsed.GetRequiredValue(option) ?? throw new UsageException($"{option.Name} is needed.");

    /// <summary>Namespace and name of a node argument.</summary>
    public QualifiedName Name(NodeArgument argument) => QualifiedName.Of(Required(argument));

    /// <summary>A node argument that may be left out.</summary>
    public NodeId? Given(NodeArgument argument) => parsed.GetResult(argument) is { Tokens.Count: > 0 } ? Required(argument) : null;

    /// <summary>Version of a node argument; <c>latest</c> where it names none.</summary>
    public VersionRef Version(NodeArgument argument) => Required(argument).Version is { } version
        ? new VersionRef(version)
        : VersionRef.Latest;

    /// <summary>Does long work, with progress on standard error when a person reads it.</summary>
    public Task<T> WatchAsync<T>(Func<IProgress<WorkProgress>?, Task<T>> work) =>
        Terminal.ErrorIsTerminal ? ProgressBars.RunAsync(Terminal.Error, work) : work(null);

    /// <summary>Counts the bytes of work whose size nobody knows beforehand, when a person reads standard error.</summary>
    public Task<T> WatchBytesAsync<T>(string title, Func<IProgress<long>?, Task<T>> work) =>
        Terminal.ErrorIsTerminal ? ProgressBars.CountAsync(Terminal.Error, title, work) : work(null);

    /// <summary>Shows that work goes on of which nothing is known until it is done, when a person reads standard error.</summary>
    public Task<T> WaitAsync<T>(string title, Func<Task<T>> work) => WatchBytesAsync(title, _ => work());

    /// <summary>Asks a person whether what was shown is to be applied.</summary>
    /// <exception cref="UsageException">There is nobody to ask.</exception>
    public bool Agrees()
    {
        if (!Terminal.InIsTerminal || Screen.IsJson)
            throw new UsageException("Nobody can be asked whether to apply this: give --yes, or --dry-run to look only.");
        Terminal.Error.Write("Apply this? [y/N] ");
        return Terminal.In.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    public async ValueTask DisposeAsync()
    {
        if (_catalog is not null)
            await _catalog.DisposeAsync();
    }
}
