using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary>How the commands that are not HTTP clients reach the server's own code.</summary>
internal static class Machine
{
    public static Task<int> DemoAsync(DemoSettings settings, Call call, CancellationToken ct) => Missing("demo", settings, call, ct);

    private static Task<int> Missing(string command, object settings, Call call, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Task.FromException<int>(new CatalogException(
            null, "client.not_built_in", $"This build has no {command}: {settings.GetType().Name} {(call.Screen.IsJson ? "as JSON" : "as text")} is not answered."));
    }
}

/// <summary>What <c>demo</c> was told.</summary>
internal sealed record DemoSettings
{
    public string? DataFolder { get; init; }

    public Uri? Listen { get; init; }

    public string? PostgresBinaries { get; init; }

    public bool Exit { get; init; }
}
