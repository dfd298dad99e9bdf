namespace Catalog.Search;

/// <summary>What a search finds. Columns are no things of their own: their dataset is found, and says which of its columns fit.</summary>
public enum SearchKind
{
    Dataset = 1,
    Job,
    Model,
    Deployment,
    Run,
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
