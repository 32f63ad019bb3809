//! What each broker can do, as data.

use crate::BrokerKind;

/// Something that a test may ask of a broker and that not every broker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// Topics are created through Kafka's own admin requests.
    AdminTopics,
    /// A topic gets more partitions while it is in use.
    AddPartitions,
    /// The configuration of a topic is set and read.
    TopicConfiguration,
    /// Records below an offset are deleted.
    DeleteRecords,
    /// The offset for a timestamp is found.
    OffsetsForTimes,
    /// Record timestamps are kept as the producer set them and reported in delivery reports.
    Timestamps,
    /// Groups are listed and described.
    DescribeGroups,
    /// A group is deleted.
    DeleteGroups,
    /// A static member of the classic protocol restarts without a rebalance.
    StaticMembershipClassic,
    /// A static member of the KIP-848 protocol restarts without a rebalance.
    StaticMembershipConsumer,
    /// Groups of the KIP-848 protocol.
    ConsumerProtocol,
    /// Text stored beside a committed offset is read back.
    CommitMetadata,
    /// Transactions are atomic and fence zombies.
    Transactions,
    /// A `read_committed` reader sees no open or aborted records.
    ReadCommitted,
    /// Records above the size limit are refused.
    RecordSizeLimit,
    /// A waiting fetch is answered as soon as a record arrives.
    FetchWakesOnData,
    /// Data outlives a restart of the broker.
    SurvivesRestart,
    /// Requests fail or are delayed on demand.
    FaultInjection,
}

/// Who can do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Support {
    Both,
    OnlyReal,
    OnlyEmbedded,
}

impl Capability {
    /// Measured with one probe program on both brokers.
    const fn support(self) -> Support {
        match self {
            Self::StaticMembershipConsumer | Self::ConsumerProtocol | Self::CommitMetadata => Support::Both,
            Self::AdminTopics
            | Self::AddPartitions
            | Self::TopicConfiguration
            | Self::DeleteRecords
            | Self::OffsetsForTimes
            | Self::Timestamps
            | Self::DescribeGroups
            // The request ends the whole process on the embedded broker.
            | Self::DeleteGroups
            | Self::StaticMembershipClassic
            | Self::Transactions
            | Self::ReadCommitted
            | Self::RecordSizeLimit
            | Self::FetchWakesOnData
            | Self::SurvivesRestart => Support::OnlyReal,
            Self::FaultInjection => Support::OnlyEmbedded,
        }
    }
}

impl BrokerKind {
    /// Whether a broker of this kind can do it.
    pub const fn can(self, capability: Capability) -> bool {
        match capability.support() {
            Support::Both => true,
            Support::OnlyReal => matches!(self, Self::Real),
            Support::OnlyEmbedded => matches!(self, Self::Embedded),
        }
    }
}
