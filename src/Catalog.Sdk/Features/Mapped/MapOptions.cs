namespace Catalog.Sdk;

/// <summary>How features are mapped into this process.</summary>
public sealed record MapOptions
{
    /// <summary>
    /// Where files of generations are kept, to be mapped from; several processes may share it. Null for <c>catalog/generations</c> in the
    /// user's data folder. Files that nobody used for a day are removed.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>How often the catalog is asked whether others serve.</summary>
    public TimeSpan Refresh { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For how long reads go on while the catalog cannot be asked; after that they fail. Null for ever.</summary>
    public TimeSpan? GoodFor { get; init; } = TimeSpan.FromMinutes(15);

    internal string PlaceOfFiles => Folder ?? Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "catalog", "generations");
}
