namespace Catalog.Features;

/// <summary>What is wrong with a definition.</summary>
/// <param name="Field">Where, as JSON has it: <c>features[2].aggregation.window</c>.</param>
/// <param name="Message">What would be right, worded to follow the field: "must be …".</param>
public sealed record FeatureFault(string Field, string Message);
