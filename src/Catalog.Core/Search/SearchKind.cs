namespace Catalog.Search;

/// <summary>What a search finds. Columns and features are no things of their own: their dataset or view is found, and says which of them
/// fit.</summary>
public enum SearchKind
{
    Dataset = 1,
    Job,
    Model,
    Deployment,
    Run,
    FeatureView,
    FeatureService,
}

/// <summary>Where words were found.</summary>
public enum SearchField
{
    Name = 1,
    Column,
    Tag,
    Namespace,
    Owner,
    Description,
}
