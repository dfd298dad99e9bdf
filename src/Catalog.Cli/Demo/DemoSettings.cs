namespace Catalog.Cli.Demo;

/// <summary>What <c>demo</c> was told.</summary>
internal sealed record DemoSettings
{
    public string? DataFolder { get; init; }

    public Uri? Listen { get; init; }

    public string? PostgresBinaries { get; init; }

    public bool Exit { get; init; }
}
