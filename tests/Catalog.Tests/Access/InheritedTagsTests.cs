using System.Collections.Immutable;
using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Lineage;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Access;

/// <summary>Where tags go along lineage, and where they end.</summary>
public sealed class InheritedTagsTests
{
    private static readonly NodeId s_raw = NodeId.Dataset("demo", "raw");
    private static readonly NodeId s_made = NodeId.Dataset("demo", "made");
    private static readonly NodeId s_model = NodeId.Model("demo", "model");
    private static readonly NodeId s_view = NodeId.FeatureView("demo", "view");
    private static readonly NodeId s_run = NodeId.Run(new Guid(1, 0, 0, new byte[8]));
    private static readonly NodeId s_training = NodeId.Run(new Guid(2, 0, 0, new byte[8]));

    private readonly TemporalGraph _graph = new();
    private readonly TagHistories _tags = new();
    private ImmutableDictionary<string, IReadOnlySet<NodeId>> _declassified = ImmutableDictionary<string, IReadOnlySet<NodeId>>.Empty;
    private long _position;

    [Fact]
    public void A_tag_goes_down_to_versions_and_along_lineage_to_models_and_where_they_serve()
    {
        Lineage();
        Tag(s_raw, "pii.email");

        var known = Follow();
        var deployment = NodeId.Deployment("demo", "live");
        foreach (var node in (NodeId[])[s_raw, s_raw.WithVersion(1), s_made.WithVersion(1), s_model.WithVersion(1), deployment])
            Assert.Equal(["pii", "pii.email"], known.TagsOf(node).Tags);
        Assert.Empty(known.TagsOf(s_made).Tags); // another version of it need not be made of that
        Assert.Empty(known.TagsOf(s_run).Tags);
        Assert.Same(known.TagsOf(s_raw), known.TagsOf(s_model.WithVersion(1)));
    }

    [Fact]
    public void A_tag_ends_where_it_is_declassified_and_what_lies_behind_does_not_bear_it()
    {
        Lineage();
        Tag(s_raw, "pii");
        Declassify("pii", s_made.WithVersion(1));

        var known = Follow();
        Assert.Empty(known.TagsOf(s_made.WithVersion(1)).Tags);
        Assert.Empty(known.TagsOf(s_model.WithVersion(1)).Tags);
        Assert.Equal(["pii"], known.TagsOf(s_raw.WithVersion(1)).Tags);
    }

    [Fact]
    public void A_tag_of_a_column_is_borne_by_columns_made_of_it_where_that_is_known_and_else_by_all_that_was_made()
    {
        Lineage();
        Tag(Column(s_raw, "email"), "pii");
        var unknown = Follow();
        Assert.Equal(["email"], unknown.ColumnTagsOf(s_raw.WithVersion(1)).Select(c => c.Column));
        Assert.Empty(unknown.TagsOf(s_raw.WithVersion(1)).Tags);
        Assert.Equal(["pii"], unknown.TagsOf(s_made.WithVersion(1)).Tags);
        Assert.Equal(["pii"], unknown.TagsOf(s_model.WithVersion(1)).Tags);

        Hold(Column(s_raw, "email"), Column(s_made, "domain"), LineageRelation.Column);
        Hold(s_made, Column(s_made, "domain"), LineageRelation.HasColumn);
        var known = Follow();
        Assert.Empty(known.TagsOf(s_made.WithVersion(1)).Tags);
        Assert.Equal(["domain"], known.ColumnTagsOf(s_made.WithVersion(1)).Select(c => c.Column));
        Assert.Equal(["pii"], known.TagsOf(s_model.WithVersion(1)).Tags); // of a model nobody knows which
    }

    [Fact]
    public void What_one_version_of_a_dataset_bears_the_views_of_it_may_serve()
    {
        Lineage();
        Hold(s_made, s_view.WithVersion(1), LineageRelation.Features);
        Tag(s_raw, "pii");

        Assert.Equal(["pii"], Follow().TagsOf(s_view.WithVersion(1)).Tags);
    }

    [Fact]
    public void Runs_lie_in_their_job_and_generations_in_their_view()
    {
        var (job, generation) = (NodeId.Job("demo", "train"), NodeId.Generation(new Guid(3, 0, 0, new byte[8])));
        Hold(job, s_run, LineageRelation.Ran);
        Hold(s_view.WithVersion(2), generation, LineageRelation.Materialised);
        Hold(s_raw.WithVersion(1), generation, LineageRelation.Materialised);

        var known = Follow();
        Assert.Equal(job, known.HolderOf(s_run));
        Assert.Equal(s_view, known.HolderOf(generation));
        Assert.Null(known.HolderOf(s_training));
    }

    /// <summary>A version that was made just now: whoever points an alias at it waits until it is known.</summary>
    [Fact]
    public void A_version_that_lineage_does_not_know_yet_bears_what_its_thing_does_and_more_once_it_is_known()
    {
        Lineage();
        Tag(s_raw, "pii.email");
        Tag(s_made, "pii");
        var fresh = s_made.WithVersion(2);

        var before = Follow();
        Assert.False(before.Knows(fresh));
        Assert.Equal(["pii"], before.TagsOf(fresh).Tags);

        Hold(s_made, fresh, LineageRelation.Version);
        Hold(s_run, fresh, LineageRelation.Output);
        var after = Follow(before);
        Assert.True(after.Knows(fresh));
        Assert.Equal(["pii", "pii.email"], after.TagsOf(fresh).Tags);
    }

    [Fact]
    public void More_tags_than_there_are_bits_are_told_apart_like_few()
    {
        var names = Enumerable.Range(0, 70).Select(i => $"tag-{i}").ToList();
        var things = Enumerable.Range(0, 5).Select(i => NodeId.Dataset("demo", $"d{i}")).ToList();
        foreach (var (i, tag) in names.Index())
            Tag(things[i % things.Count], tag);

        var known = Follow(string.Join(" or ", names));
        foreach (var (i, thing) in things.Index())
        {
            Assert.Equal(names.Where((_, n) => n % things.Count == i).Order(StringComparer.Ordinal), known.TagsOf(thing).Tags);
            Assert.Same(known.TagsOf(thing), known.TagsOf(thing.WithVersion(1)));
        }
    }

    [Fact]
    public void Only_tags_that_statements_name_are_followed()
    {
        Lineage();
        Tag(s_raw, "gold");
        Assert.Empty(Follow().TagsOf(s_raw).Tags);
    }

    /// <summary>Each fact is taken in on what was known before it, and nothing is different from taking all of it in at once.</summary>
    [Fact]
    public void Step_by_step_the_same_is_known_as_at_once() => Gen.Select(
        Gen.Int[0, 5], Gen.Int[0, 5], Gen.Int[0, 4]).Array[5, 25].Sample(
        steps =>
        {
            var world = new InheritedTagsTests();
            var known = world.Follow();
            foreach (var (from, to, what) in steps)
            {
                var (dataset, run) = (NodeId.Dataset("demo", $"d{from}"), NodeId.Run(new Guid(to + 10, 0, 0, new byte[8])));
                switch (what)
                {
                    case 0:
                        world.Tag(dataset, "pii");
                        break;
                    case 1:
                        world.Hold(dataset.WithVersion(1), run, LineageRelation.Input);
                        break;
                    case 2:
                        world.Hold(run, dataset.WithVersion(1), LineageRelation.Output);
                        break;
                    case 3:
                        world.Hold(dataset, s_view.WithVersion(to + 1), LineageRelation.Features);
                        break;
                    default:
                        world.Hold(dataset, dataset.WithVersion(1), LineageRelation.Version);
                        break;
                }

                known = world.Follow(known);
            }

            var atOnce = world.Follow();
            for (var v = 1; v <= 6; v++)
                Assert.Equal(atOnce.TagsOf(s_view.WithVersion(v)).Tags, known.TagsOf(s_view.WithVersion(v)).Tags);
            for (var d = 0; d <= 5; d++)
            {
                foreach (var node in (NodeId[])[NodeId.Dataset("demo", $"d{d}"), NodeId.Dataset("demo", $"d{d}", 1)])
                    Assert.Equal(atOnce.TagsOf(node).Tags, known.TagsOf(node).Tags);
            }
        },
        iter: 2_000);

    private void Lineage()
    {
        foreach (var thing in (NodeId[])[s_raw, s_made, s_model])
            Hold(thing, thing.WithVersion(1), LineageRelation.Version);
        Hold(s_raw.WithVersion(1), s_run, LineageRelation.Input);
        Hold(s_run, s_made.WithVersion(1), LineageRelation.Output);
        Hold(s_made.WithVersion(1), s_training, LineageRelation.Input);
        Hold(s_training, s_model.WithVersion(1), LineageRelation.Trained);
        Hold(s_model.WithVersion(1), NodeId.Deployment("demo", "live"), LineageRelation.Deployed);
    }

    private void Hold(NodeId from, NodeId to, LineageRelation relation) =>
        _graph.Hold(_graph.Node(from), _graph.Node(to), relation, since: 1, ++_position);

    private void Tag(NodeId node, string tag) => _tags.PutOn(node, tag, since: 1, ++_position);

    private void Declassify(string tag, NodeId node) => _declassified = _declassified.SetItem(tag, new HashSet<NodeId> { node });

    private static NodeId Column(NodeId thing, string column) =>
        NodeId.Dataset(thing.Namespace, thing.Name, version: null, column);

    private InheritedTags Follow(InheritedTags? previous = null) => Follow("pii or pii.email", previous);

    private InheritedTags Follow(string tags, InheritedTags? previous = null)
    {
        _graph.Publish(_position);
        _tags.Publish(_position);
        var deny = new Statement(
            "s", Effect.Deny, ["*"], ["read-data"], [], tags, [], When: null, NotBefore: null, Expires: null, [], Mask: null,
            Rows: null, Requires: null, "because");
        var names = TagNames.Of(PolicySet.Empty with { Statements = PolicySet.Empty.Statements.Add(deny.Id, deny) });
        return InheritedTags.Of(_graph.Current, _tags.Current, Moment.Latest, names, _declassified, previous);
    }
}
