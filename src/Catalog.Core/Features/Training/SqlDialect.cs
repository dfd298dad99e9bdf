namespace Catalog.Features.Training;

/// <summary>An engine that a training set can be made with, beside ours.</summary>
public enum SqlDialect
{
    DuckDb,
    Spark,
}
