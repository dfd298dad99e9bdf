using Catalog.Cli.Demo;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary>How the commands that are not HTTP clients reach the server's own code.</summary>
internal static class Machine
{
    public static Task<int> ServeAsync(ServeSettings settings, Call call, CancellationToken ct) => Missing("serve", settings, call, ct);

    public static Task<int> DemoAsync(DemoSettings settings, Call call, CancellationToken ct) => Demonstration.RunAsync(settings, call, ct);

    public static Task<int> ExamineAsync(DoctorSettings settings, Call call, CancellationToken ct) => Missing("doctor", settings, call, ct);

    public static Task<int> RestoreAsync(RestoreSettings settings, Call call, CancellationToken ct) => Missing("restore", settings, call, ct);

    private static Task<int> Missing(string command, object settings, Call call, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Task.FromException<int>(new CatalogException(
            null, "client.not_built_in", $"This build has no {command}: {settings.GetType().Name} {(call.Screen.IsJson ? "as JSON" : "as text")} is not answered."));
    }
}

/// <summary>What <c>serve</c> was told; null stands for the default.</summary>
internal sealed record ServeSettings
{
    public string? DataFolder { get; init; }

    public string? Database { get; init; }

    public Uri? Listen { get; init; }

    public string? PostgresBinaries { get; init; }

    public string? PostgresListen { get; init; }

    public IReadOnlyList<string> Roots { get; init; } = [];
}

/// <summary>What <c>demo</c> was told.</summary>
internal sealed record DemoSettings
{
    public string? DataFolder { get; init; }

    public Uri? Listen { get; init; }

    public string? PostgresBinaries { get; init; }

    public bool Exit { get; init; }
}

/// <summary>What <c>doctor</c> was told.</summary>
internal sealed record DoctorSettings
{
    public string? DataFolder { get; init; }

    public string? Database { get; init; }

    public string? PostgresBinaries { get; init; }
}

/// <summary>What <c>restore</c> was told.</summary>
internal sealed record RestoreSettings
{
    public required string Archive { get; init; }

    public string? DataFolder { get; init; }

    public string? Database { get; init; }

    public string? PostgresBinaries { get; init; }
}
