using Catalog.Features.Training;
using Catalog.Platform;
using FluentValidation;

namespace Catalog.TrainingSets;

/// <summary>What a training set is to be made of, as people write it. What is left out is decided, and recorded, when it is made.</summary>
/// <param name="Rows">The table whose rows get features.</param>
/// <param name="Views">What is joined to it, in order; none for rows as they are.</param>
/// <param name="KnownAt">
/// Leave out events that were written later, so that late data makes no difference: a moment. Each view then has to name its created time.
/// </param>
/// <param name="Splits">How rows are parted.</param>
/// <param name="Owner">Of the dataset, where it is not there yet; who asks, unless told.</param>
/// <param name="Documentation">Of the dataset, where it is not there yet.</param>
/// <param name="Message">Why this version is made.</param>
public sealed record TrainingSetSpec(
    RowsSpec Rows,
    IReadOnlyList<JoinedViewSpec>? Views = null,
    DateTimeOffset? KnownAt = null,
    SplitRule? Splits = null,
    string? Owner = null,
    string? Documentation = null,
    string? Message = null)
{
    internal sealed class Validator : AbstractValidator<TrainingSetSpec>
    {
        public Validator()
        {
            RuleFor(s => s.Rows.Dataset).Must(n => n is { Kind: NodeKind.Dataset, Column: null })
                .WithMessage("must be a dataset, with a version or without, such as 'dataset:demo/flights@3'.");
            RuleFor(s => s.Rows.EventTime).NotEmpty().WithMessage("must name the column that says as of when features are wanted.");
            RuleForEach(s => s.Rows.Columns).NotEmpty().WithMessage("must be the name of a column.").OverridePropertyName("Rows.Columns");
            RuleForEach(s => s.Views).NotNull().ChildRules(v =>
            {
                v.RuleFor(view => view.View).Must(n => n is { Kind: NodeKind.FeatureView, Column: null })
                    .WithMessage("must be a feature view, with a version or without, such as 'feature-view:demo/delays@1'.");
                v.RuleFor(view => view.Source).Must(n => n is null or { Kind: NodeKind.Dataset, Column: null, Version: not null })
                    .WithMessage("must be a version of the view's source, such as 'dataset:demo/flights@3'.");
                v.RuleForEach(view => view.Keys).Must(k => !string.IsNullOrEmpty(k.Value))
                    .WithMessage("must name the rows' column that has the key.");
                v.RuleForEach(view => view.Features).NotEmpty().WithMessage("must be the name of a feature.");
                v.RuleFor(view => view.As).Must(a => a is null || Names.Check(a) is null)
                    .WithMessage("must be a name such as 'origin': columns are then called origin__<feature>.");
            });
            RuleFor(s => s.Splits).Custom((splits, context) =>
            {
                if (splits?.Check() is var (field, wrong))
                    context.AddFailure($"Splits.{field}", wrong);
            });
            RuleFor(s => s.Owner).IsPrincipal().When(s => s.Owner is not null);
            RuleFor(s => s.Documentation).IsText(Limits.Documentation);
            RuleFor(s => s.Message).IsText(Limits.Message);
        }
    }
}

/// <summary>The table whose rows get features.</summary>
/// <param name="Dataset">With a version, or the latest.</param>
/// <param name="EventTime">The column that says as of when features are wanted.</param>
/// <param name="TimeZone">Of that column, where it has none: a name of the IANA time zone database; UTC unless told.</param>
/// <param name="Columns">That stay, in order; all unless told.</param>
/// <param name="Filter">What rows have to meet, such as <c>cancelled = false</c>; all unless told.</param>
public sealed record RowsSpec(
    NodeId Dataset, string EventTime, string? TimeZone = null, IReadOnlyList<string>? Columns = null, string? Filter = null);

/// <summary>A feature view that is joined.</summary>
/// <param name="View">With a version, or the newest.</param>
/// <param name="As">What to call it here; columns are then <c>as__feature</c>. Needed where columns would have the same name.</param>
/// <param name="Keys">By key of the view, the rows' column that has it, where that is called differently.</param>
/// <param name="Features">Which of the view's, in order; all unless told.</param>
/// <param name="Source">The version that events come from; the latest unless told.</param>
public sealed record JoinedViewSpec(
    NodeId View,
    string? As = null,
    IReadOnlyDictionary<string, string>? Keys = null,
    IReadOnlyList<string>? Features = null,
    NodeId? Source = null);
