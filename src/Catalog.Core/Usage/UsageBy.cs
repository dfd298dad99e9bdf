namespace Catalog.Usage;

/// <summary>What usage can be summed by.</summary>
public enum UsageBy
{
    /// <summary>Of the dataset or model.</summary>
    Owner = 1,

    /// <summary>A dataset or model in all its versions.</summary>
    Dataset,

    Version,

    /// <summary>Declared by the reader; empty where none was.</summary>
    Run,

    /// <summary>Who read.</summary>
    Principal,

    /// <summary>Declared by the reader; empty where none was.</summary>
    Purpose,

    /// <summary>How the data left.</summary>
    Way,

    Day,
}
